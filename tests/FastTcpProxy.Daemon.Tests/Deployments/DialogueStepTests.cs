using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Deployments;

/// <summary>
/// At each step of a check's dialogue with a real server: the server is stopped, or killed, and the proxy is stopped, or killed. Real
/// processes, which the test owns.
/// </summary>
public sealed class DialogueStepTests
{
    /// <summary>Longer than a check may take, and shorter than a server waits for its client.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Dovecot_EachStep_IsNamedAndAnEndOfEitherLeavesNothing()
    {
        RequiresPeer.Dovecot();
        using DovecotReceiver dovecot = await DovecotReceiver.StartAsync();
        await RunAsync(dovecot.Process, dovecot.EndPoint, "\"type\": \"imap\"", ("", "greeting"), ("LOGOUT", "LOGOUT"));
    }

    [Fact]
    public async Task Mariadb_EachStep_IsNamedAndAnEndOfEitherLeavesNothing()
    {
        RequiresPeer.Mariadb();
        using MariadbServer server = await MariadbServer.StartAsync();
        await RunAsync(server.Process, server.EndPoint, "\"type\": \"mysql\"", ("", "greeting"), ("check\0", "login of \"check\""));
    }

    [Fact]
    public async Task Postfix_EachStep_IsNamedAndAnEndOfEitherLeavesNothing()
    {
        RequiresPeer.Postfix();
        using PostfixServer postfix = await PostfixServer.StartAsync();
        await RunAsync(postfix.Process, postfix.Submission, "\"type\": \"smtp\"",
            ("", "greeting"), ("EHLO ", "EHLO"), ("QUIT\r\n", "QUIT"));
    }

    /// <param name="steps">What the client says there, and the step's name.</param>
    private static async Task RunAsync(PeerProcess server, IPEndPoint endPoint, string check, params (string Saying, string Name)[] steps)
    {
        await using StepGate gate = new(endPoint);
        DeployedService service = new("checked", FreePort.Loopback(), gate.EndPoint, "proxy-v2", check);
        using CheckedProxy proxy = await CheckedProxy.StartAsync(service);
        await proxy.WaitForChecksAsync(1);
        int sockets = proxy.Process.Child.SocketCount;
        foreach ((string saying, string name) in steps)
        {
            long mark = proxy.Process.Child.Error.Count;
            await gate.AtAsync(saying, () => Do(() => server.Child.SignalAll(UnixSignal.Stop)));
            await proxy.WaitForEventAsync("checked", $"is down: {name}: timed out waiting for the answer", mark);
            server.Child.SignalAll(UnixSignal.Continue);
            await proxy.WaitForEventAsync("checked", "is up: ", mark);

            mark = proxy.Process.Child.Error.Count;
            await gate.AtAsync(saying, server.KillAsync);
            // A connect is refused, which the gate makes a reset; and to find all its processes may take longer than a check.
            await proxy.WaitForEventAsync("checked", saying.Length == 0 ? "is down: " : $"is down: {name}: ", mark);
            await server.RestartAsync();
            await proxy.WaitForEventAsync("checked", "is up: ", mark);

            mark = proxy.Process.Child.Error.Count;
            await gate.AtAsync(saying, () => Do(() => proxy.Process.Child.Signal(UnixSignal.Stop)));
            // What the pause is about is its length.
            await Task.Delay(Pause);
            proxy.Process.Child.Signal(UnixSignal.Continue);
            await proxy.WaitForChecksAsync(2);
            Assert.DoesNotContain(proxy.Process.Child.Error.Snapshot().Skip((int)mark),
                line => line.Contains(" is down: ", StringComparison.Ordinal));
        }
        await Eventually.HoldsAsync(() => proxy.Process.Child.SocketCount <= sockets + 1, "no check has kept a socket",
            detail: () => $"{proxy.Process.Child.SocketCount} sockets, {sockets} before");

        foreach ((string saying, _) in steps)
        {
            using CheckedProxy killed = await CheckedProxy.StartAsync(service with { Listen = FreePort.Loopback() });
            proxy.Process.Child.Signal(UnixSignal.Kill);
            await killed.WaitForChecksAsync(1);
            await gate.AtAsync(saying, () => Do(() => killed.Process.Child.Signal(UnixSignal.Kill)));
            await Eventually.EqualsAsync(0, () => gate.OpenCount, $"the server and the gate have no connection left after {saying}");
        }
        using CheckedProxy next = await CheckedProxy.StartAsync(service);
        await next.WaitForChecksAsync(2);
    }

    private static Task Do(Action act)
    {
        act();
        return Task.CompletedTask;
    }
}
