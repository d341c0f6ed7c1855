using System.Globalization;
using System.Text.RegularExpressions;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Systemd;

/// <summary>The unit files as systemd reads them. Each test owns its folder.</summary>
public sealed partial class UnitFileTests : IDisposable
{
    /// <summary>What systemd calls OK begins at 5; this is what a service that must reach the network can come to.</summary>
    private const double ExposureMax = 2.0;

    private static readonly string[] Units = ["fasttcpproxy.service", "fasttcpproxy.socket"];

    private readonly TempFolder _root = new("units");

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task Verify_Passes()
    {
        ProcessResult result = await VerifyAsync(text => text);

        Assert.Equal((0, "", ""), (result.ExitCode, result.Output, result.Error));
    }

    /// <summary>The test above is worth something.</summary>
    [Theory]
    [InlineData("LockPersonality=", "LockPersonalty=")]
    [InlineData("Type=notify", "Type=notfy")]
    [InlineData("=/usr/bin/fasttcpproxy", "=/usr/bin/missing")]
    public async Task Verify_AMistake_IsFound(string right, string wrong)
    {
        ProcessResult result = await VerifyAsync(text => text.Replace(right, wrong, StringComparison.Ordinal));

        Assert.NotEqual((0, ""), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Security_IsUnderTwo()
    {
        RequiresPeer.Systemd();
        ProcessResult result = await ChildProcess.RunAsync(
            RequiresPeer.SystemdAnalyzePath, ["security", "--offline=true", "--no-pager", Source(Units[0])]);

        Match overall = OverallExposure().Match(result.Output);
        Assert.True(overall.Success, result.Output + result.Error);
        Assert.InRange(double.Parse(overall.Groups[1].Value, CultureInfo.InvariantCulture), 0, ExposureMax);
    }

    [Fact]
    public void Capabilities_AreThatOfLowPortsAlone()
    {
        string[] lines = File.ReadAllLines(Source(Units[0]));

        Assert.Equal(["CapabilityBoundingSet=CAP_NET_BIND_SERVICE"],
            lines.Where(l => l.StartsWith("CapabilityBoundingSet=", StringComparison.Ordinal)));
        Assert.Equal(["AmbientCapabilities=CAP_NET_BIND_SERVICE"],
            lines.Where(l => l.StartsWith("AmbientCapabilities=", StringComparison.Ordinal)));
    }

    private async Task<ProcessResult> VerifyAsync(Func<string, string> edit)
    {
        RequiresPeer.Systemd();
        // A system of its own: the units of systemd, ours, and the program, which is looked for and not run.
        string units = _root.MakeFolder("usr/lib/systemd/system");
        // Copies: links out of the root are not followed. Those that lead nowhere stay away.
        foreach (string file in Directory.EnumerateFiles(RequiresPeer.SystemdUnitsPath).Where(File.Exists))
            File.Copy(file, Path.Combine(units, Path.GetFileName(file)));
        foreach (string unit in Units) _root.Write($"etc/systemd/system/{unit}", edit(File.ReadAllText(Source(unit))));
        File.SetUnixFileMode(_root.Write("usr/bin/fasttcpproxy", ""), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return await ChildProcess.RunAsync(
            RequiresPeer.SystemdAnalyzePath, ["verify", "--man=no", "--recursive-errors=no", $"--root={_root.Path}", .. Units]);
    }

    private static string Source(string unit) =>
        Path.Combine(ProxyExecutable.RepositoryRoot, "src", "FastTcpProxy.Daemon", "Systemd", unit);

    [GeneratedRegex(@"Overall exposure level for \S+: ([0-9]+\.[0-9]+) ")]
    private static partial Regex OverallExposure();
}
