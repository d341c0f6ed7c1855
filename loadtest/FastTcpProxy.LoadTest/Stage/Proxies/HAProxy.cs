using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.LoadTest.Stage.Proxies;

/// <summary>
/// HAProxy told to do the same: the first server of the list for every connection, the next one when it does not accept, at once
/// (configuration manual: "balance first", "option redispatch 1"). One task.
/// </summary>
internal sealed class HAProxy(ProxySetup setup, TempFolder folder) : ProxyUnderTest(setup, folder)
{
    private string AdminSocket => Folder["stats.sock"];

    public override void Start()
    {
        string check = Setup.HealthPort is { } port
            ? $" check port {port} inter {ProxySetup.CheckInterval.TotalMilliseconds}ms fall 2 rise 1"
            : "";
        // The best that it can be told: a short timeout, and what fails in a row is out until a check of its own finds it back.
        if (Setup.AvoidsWaits)
            check = $" check inter {ProxySetup.CheckInterval.TotalMilliseconds}ms fall 2 rise 1 observe layer4 "
                + $"error-limit {ProxySetup.FailuresMax} on-error mark-down";
        TimeSpan connect = Setup.AvoidsWaits ? ProxySetup.ShortConnectTimeout : Setup.ConnectTimeout;
        string path = Folder.Write("haproxy.cfg", $"""
            global
                nbthread {ProxySetup.Threads}
                maxconn {Setup.Connections}
                stats socket {AdminSocket} level admin

            defaults
                mode tcp
                timeout connect {connect.TotalMilliseconds}ms
                timeout client 300s
                timeout server 300s

            frontend main
                bind {Setup.Listen} backlog {ProxySetup.Backlog}
                default_backend upstreams

            backend upstreams
                balance first
                retries 1
                option redispatch 1
                {(Setup.HealthPort is not null ? "option httpchk\n    http-check send meth GET uri /a" : "")}
                server a {Setup.A} id 1{check}
                server b {Setup.B} id 2

            frontend neighbour
                bind {Setup.Neighbour} backlog {ProxySetup.Backlog}
                default_backend neighbours

            backend neighbours
                server c {Setup.C}

            """);
        Process = Launch(Installed("haproxy"), ["-db", "-f", path]);
    }

    public override Task DisableAsync() => TellAsync("set server upstreams/a state maint");

    public override Task EnableAsync() => TellAsync("set server upstreams/a state ready");

    private async Task TellAsync(string command)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(AdminSocket));
        await socket.SendAsync(Encoding.ASCII.GetBytes(command + "\n"));
        byte[] answer = new byte[1024];
        string text = Encoding.ASCII.GetString(answer, 0, await socket.ReceiveAsync(answer)).Trim();
        if (text.Length > 0) throw new InvalidOperationException($"haproxy: {command}: {text}");
    }
}
