using System.Globalization;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Operators;

/// <summary>What another operator has set a moment ago is not overwritten without a word, and who is behind sudo has a name.</summary>
public sealed class OverwriteTests
{
    [Theory]
    [InlineData("upstream enable mail primary")]
    [InlineData("upstream disable mail primary --reason mine")]
    [InlineData("upstream drain mail primary --json")]
    public async Task Overwrite_OfWhatAnotherHasJustSet_WantsForce(string line)
    {
        await using OperatorBed bed = await OperatorBed.StartAsync(prepare: b => Disable(b, TimeSpan.FromMinutes(1)));

        ProcessResult refused = await bed.RunAsync(line);

        UpstreamCommandTests.AssertFailed(refused, 1,
            ": new disk; nothing was done: --force overwrites what another operator set recently");
        Assert.StartsWith("error: primary of mail: disabled by anna 1m", refused.Error);
        Assert.Contains("disabled by anna", await bed.DoAsync("status"));
        await bed.DoAsync(line + " --force");
        Assert.DoesNotContain("disabled by anna", await bed.DoAsync("status"));
    }

    [Fact]
    public async Task Overwrite_OfWhatIsLongSet_OrOnesOwn_WantsNothing()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync(prepare: b => Disable(b, TimeSpan.FromHours(1)));

        await bed.DoAsync("upstream drain mail primary");
        await bed.DoAsync("upstream undrain mail primary");
        await bed.DoAsync("upstream order mail secondary");
        await bed.DoAsync("upstream order mail --configured");
    }

    [Fact]
    public async Task Sudo_IsNamedBesideRoot_AndCountsOnlyForRoot()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        Dictionary<string, string?> environment = new(ProxyExecutable.Environment) { ["SUDO_USER"] = "anna" };

        ProcessResult result = await ChildProcess.RunAsync(ProxyExecutable.FilePath,
            ["upstream", "disable", "mail", "primary", "--socket", bed.Socket], null, environment);

        Assert.Equal(0, result.ExitCode);
        string why = Environment.IsPrivilegedProcess
            ? "disabled by root (sudo: anna) since "
            : $"disabled by {Environment.UserName} since ";
        Assert.Contains(why, await bed.DoAsync("status"));
        // Root without sudo is someone else.
        if (Environment.IsPrivilegedProcess) UpstreamCommandTests.AssertFailed(await bed.RunAsync("upstream enable mail primary"), 1,
            "primary of mail: disabled by root (sudo: anna) ");
    }

    private static void Disable(OperatorBed bed, TimeSpan ago) =>
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(bed.Folder["state"]).FullName, "overrides.json"), $$"""
        { "format": "fasttcpproxy-overrides", "version": 1, "orders": [], "upstreams": [{ "service": "mail", "upstream": "primary", "state": "Disabled", "reason": "new disk",
          "author": "anna", "at": "{{(DateTimeOffset.UtcNow - ago).ToString("O", CultureInfo.InvariantCulture)}}", "expires": null,
          "configuredAddress": "{{bed.Primary.EndPoint}}", "configuredEnabled": true }] }
        """);
}
