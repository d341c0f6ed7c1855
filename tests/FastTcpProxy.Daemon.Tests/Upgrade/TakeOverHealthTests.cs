using System.Net;
using System.Text.Json;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Upgrade;

/// <summary>What the old process's checks have found out holds in the new one from its first client on. Real processes.</summary>
public sealed class TakeOverHealthTests
{
    [Theory]
    [InlineData("60s", true)]
    [InlineData("61s", false)]
    public async Task TakeOver_UpstreamThatIsDown_StaysDownWhereTheCheckIsTheSame(string nextInterval, bool isSame)
    {
        await using UpgradeBed bed = new();
        await using EchoUpstream good = new();
        // Listens, and answers nothing: a client that gets there waits.
        using System.Net.Sockets.TcpListener hung = new(IPAddress.Loopback, 0);
        hung.Start();
        Configure(bed, (IPEndPoint)hung.LocalEndpoint, good.EndPoint, "60s");
        ChildProcess old = await bed.StartAsync();
        await old.Error.WaitForLineAsync(l => l.Contains("upstream", StringComparison.Ordinal)
            && l.Contains("first", StringComparison.Ordinal) && l.Contains("down", StringComparison.Ordinal), "the hung one is down");
        JsonElement before = First(await UpgradeBed.StatusAsync(bed.AdminSocket));
        // The new process's own check would take its whole time to find it out.
        Configure(bed, (IPEndPoint)hung.LocalEndpoint, good.EndPoint, nextInterval, timeout: isSame ? "3s" : "20s");

        ChildProcess next = await bed.FollowAsync(old);

        JsonElement after = First(await UpgradeBed.StatusAsync(bed.AdminSocket));
        if (!isSame)
        {
            Assert.NotEqual("down", after.GetProperty("health").GetProperty("state").GetString());
            return;
        }
        Assert.Contains(next.Error.Snapshot(), l => l.Contains(" 7011 ", StringComparison.Ordinal));
        foreach (string key in (string[])["state", "since"])
            Assert.Equal(before.GetProperty("health").GetProperty(key).ToString(), after.GetProperty("health").GetProperty(key).ToString());
        Assert.Equal(before.GetProperty("why").GetString(), after.GetProperty("why").GetString());
        await bed.VisitAsync();
        Assert.DoesNotContain(next.Error.Snapshot(),
            l => l.Contains("first", StringComparison.Ordinal) && l.Contains(" is up", StringComparison.Ordinal));
    }

    private static void Configure(UpgradeBed bed, IPEndPoint hung, IPEndPoint good, string interval, string timeout = "3s") =>
        bed.Folder.Write("proxy.json", $$"""
        {
          "services": [{
            "name": "s", "mode": "raw", "listen": ["{{bed.Listen}}"],
            "upstreams": [
              { "name": "first", "address": "{{hung}}", "healthCheck": { "type": "tcp", "send": "hello", "expect": { "body": "hello" }, "timeout": "{{timeout}}", "interval": "{{interval}}" } },
              { "name": "second", "address": "{{good}}" }
            ]
          }],
          "admin": { "socket": "{{bed.AdminSocket}}" }
        }
        """);

    private static JsonElement First(JsonElement status) => status.GetProperty("services")[0].GetProperty("upstreams")[0];
}
