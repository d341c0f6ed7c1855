using FastTcpProxy.Daemon.Tests.Running;
using FastTcpProxy.Daemon.Tests.TestBed;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Operators;

/// <summary>What is wrong with the process itself is seen in <c>status</c>, not in the log alone.</summary>
public sealed class StatusTroubleTests
{
    [Fact]
    public async Task Status_WhileTheStateCannotBeRead_SaysThatOverridesAreNotInForce()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync(prepare: b => b.Folder.Write("state", ""));

        string before = await bed.DoAsync("status");
        File.Delete(bed.Folder["state"]);
        await bed.DoAsync("upstream disable mail primary");

        Assert.Contains("the operators' overrides are not in force, and none can be changed: the state file", before);
        Assert.DoesNotContain("not in force", await bed.DoAsync("status"));
    }

    [Fact]
    public async Task Status_WhileTheSessionLogCannotBeWritten_SaysWhatIsLost()
    {
        using TempFolder folder = new("full");
        await using EchoUpstream upstream = new();
        System.Net.IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            $$"""
            { "services": [{ "name": "mail", "listen": ["{{listen}}"], "mode": "raw",
                "upstreams": [{ "address": "{{upstream.EndPoint}}" }] }],
              "admin": { "socket": "{{folder["a.sock"]}}" } }
            """, new ProxyOptions { OutputToFullDisk = true });
        await ServedSocket.AwaitAsync(folder["a.sock"], "the administrative socket is there");
        string before = (await ProxyExecutable.RunAsync(["status", "--socket", folder["a.sock"]])).Output;

        await StartTests.VisitAsync(listen);
        await proxy.Child.Error.WaitForLineAsync(l => l.Contains(" warning 4004 "), "the loss is logged");
        string after = (await ProxyExecutable.RunAsync(["status", "--socket", folder["a.sock"]])).Output;

        Assert.DoesNotContain("session log", before);
        Assert.Contains("session log: standard output failed (No space left on device): 1 record lost so far\n", after);
    }

    [Fact]
    public async Task Status_WithAsManySessionsAsDescriptorsAllow_SaysThatClientsWait()
    {
        using TempFolder folder = new("few");
        await using EchoUpstream upstream = new();
        System.Net.IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            $$"""
            { "services": [{ "name": "mail", "listen": ["{{listen}}"], "mode": "raw",
                "upstreams": [{ "address": "{{upstream.EndPoint}}" }] }],
              "engine": { "threads": 2 }, "admin": { "socket": "{{folder["a.sock"]}}" } }
            """, new ProxyOptions { Before = "ulimit -n 300" });
        await ServedSocket.AwaitAsync(folder["a.sock"], "the administrative socket is there");
        string before = (await ProxyExecutable.RunAsync(["status", "--socket", folder["a.sock"]])).Output;
        List<TestClient> clients = [];
        try
        {
            for (int i = 0; i < 150; i++) clients.Add(await TestClient.ConnectAsync(listen));
            string said = "";
            await Eventually.HoldsAsync(async () =>
            {
                said = (await ProxyExecutable.RunAsync(["status", "--socket", folder["a.sock"]])).Output;
                return said.Contains("as many as the descriptors allow: new clients wait", StringComparison.Ordinal);
            }, "the status says that clients wait", detail: () => said);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
        Assert.DoesNotContain("as many as", before);
    }
}
