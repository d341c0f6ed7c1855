using System.Text.Json;
using System.Text.RegularExpressions;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Upgrade;

/// <summary>
/// What operators have set changes hands with the listeners, and one process at a time has the state directory: real processes.
/// </summary>
public sealed class TakeOverOverridesTests
{
    [Fact]
    public async Task TakeOver_WhatWasSetBefore_HoldsInTheNextProcess_WhichCanChangeIt()
    {
        await using UpgradeBed bed = new();
        Configure(bed);
        ChildProcess old = await bed.StartAsync();
        await DoAsync(bed, "upstream disable s u --reason repair");

        await bed.FollowAsync(old);

        Assert.Equal("repair", Override(await DoAsync(bed, "status --json")).GetProperty("reason").GetString());
        await DoAsync(bed, "upstream enable s u");
        Assert.Equal(JsonValueKind.Null, Override(await DoAsync(bed, "status --json")).ValueKind);
    }

    /// <summary>A change that came between would be answered by the one, and unknown to the other.</summary>
    [Fact]
    public async Task TakeOver_UnderWay_ChangesAreRefused_AndWelcomeAgainWhenItComesToNothing()
    {
        await using UpgradeBed bed = new();
        Configure(bed);
        await bed.StartAsync();
        TakeOverClient? found = null;
        // It waits for the next process a moment after it is ready.
        await Eventually.HoldsAsync(() => (found = TakeOverClient.Connect(TakeOverServer.PathFor(bed.AdminSocket))) is not null,
            "it can be taken over from");
        using (TakeOverClient next = found!)
        {
            ListenerDuplicates.Close(next.Listeners);
            ListenerDuplicates.Close(next.Admin);
            ProcessResult refused = await RunAsync(bed, "upstream disable s u");
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("another process takes over", refused.Error);
        }

        await Eventually.HoldsAsync(async () => (await RunAsync(bed, "upstream disable s u")).ExitCode == 0, "changes are welcome again");
        Assert.Contains("\"Disabled\"", File.ReadAllText(bed.Folder["state/overrides.json"]));
    }

    [Fact]
    public async Task TakeOver_NextProcessWithAnotherConfigurationFails_TheFileIsAsTheOldOneHasIt()
    {
        await using UpgradeBed bed = new();
        Configure(bed);
        await bed.StartAsync();
        await DoAsync(bed, "upstream disable s u");
        string before = File.ReadAllText(bed.Folder["state/overrides.json"]);
        using var rival = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        rival.Start();
        // The override's upstream is gone in it, and it cannot start.
        Configure(bed, "other", $", \"{rival.LocalEndpoint}\"");

        ChildProcess next = bed.Launch("--take-over");
        Assert.Equal(1, await next.WaitForExitAsync());

        await Eventually.HoldsAsync(async () => (await RunAsync(bed, "upstream drain s u")).ExitCode == 0, "changes are welcome again");
        Assert.Equal(WithoutTimes(before.Replace("Disabled", "Draining")),
            WithoutTimes(File.ReadAllText(bed.Folder["state/overrides.json"])));
    }

    /// <summary>Each change has a time of its own, of as many digits as it takes.</summary>
    private static string WithoutTimes(string json) => Regex.Replace(json, "\"[0-9-]+T[0-9:.]+(Z|[+-][0-9:]+)\"", "\"\"");

    private static void Configure(UpgradeBed bed, string upstream = "u", string moreListen = "") => bed.Folder.Write("proxy.json", $$"""
        { "services": [{ "name": "s", "mode": "raw", "listen": ["{{bed.Listen}}"{{moreListen}}], "upstreams": [{ "name": "{{upstream}}", "address": "192.0.2.1:25" }] }],
          "admin": { "socket": "{{bed.AdminSocket}}", "stateDirectory": "{{bed.Folder["state"]}}" } }
        """);

    private static Task<ProcessResult> RunAsync(UpgradeBed bed, string line) =>
        ProxyExecutable.RunAsync([.. line.Split(' '), "--socket", bed.AdminSocket]);

    private static async Task<string> DoAsync(UpgradeBed bed, string line)
    {
        ProcessResult result = await RunAsync(bed, line);
        Assert.True(result.ExitCode == 0 || (line.StartsWith("status", StringComparison.Ordinal) && result.ExitCode == 3),
            $"{line}: {result.ExitCode} {result.Output} {result.Error}");
        return result.Output;
    }

    private static JsonElement Override(string status)
    {
        using JsonDocument document = JsonDocument.Parse(status);
        return document.RootElement.GetProperty("services")[0].GetProperty("upstreams")[0].GetProperty("override").Clone();
    }
}
