using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Peers;

/// <summary>
/// Postfix's smtpd with `smtpd_upstream_proxy_protocol = haproxy`, an instance of its own (configuration, queue and data folders) that
/// rejects every client and says in the rejection whom it rejects. One question at a time; it owns its process. Needs root.
/// </summary>
public sealed class PostfixReceiver : IReceiver
{
    private readonly PeerProcess _process;

    private PostfixReceiver(PeerProcess process, IPEndPoint endPoint)
    {
        _process = process;
        EndPoint = endPoint;
    }

    public IPEndPoint EndPoint { get; }

    public static async Task<PostfixReceiver> StartAsync()
    {
        var endPoint = FreePort.Loopback();
        var folder = new TempFolder("postfix");
        var configuration = folder.MakeFolder("etc");
        folder.MakeFolder("queue");
        // The data folder must belong to Postfix's own user; Postfix itself makes it so when it is not there.
        folder.Write("etc/main.cf", $"""
            compatibility_level = 3.6
            queue_directory = {folder["queue"]}
            data_directory = {folder["data"]}
            maillog_file = /dev/stdout
            myhostname = peer.test
            mydestination =
            inet_interfaces = 127.0.0.1
            inet_protocols = all
            alias_maps =
            local_recipient_maps =
            smtpd_peername_lookup = no
            smtpd_upstream_proxy_protocol = haproxy
            smtpd_upstream_proxy_timeout = 10s
            smtpd_client_connection_count_limit = 0
            smtpd_client_connection_rate_limit = 0
            smtpd_delay_reject = no
            smtpd_client_restrictions = reject
            smtpd_reject_footer = \c client=$client_address:$client_port
            smtpd_tls_security_level = none

            """);
        // No queue runs and nothing is delivered: the smtpd alone, and the writer of the log.
        folder.Write("etc/master.cf", $"""
            {endPoint} inet n - n - - smtpd
            postlog unix-dgram n - n - 1 postlogd

            """);
        var process = await PeerProcess.StartAsync(folder, RequiresPeer.PostfixPath, ["-c", configuration, "start-fg"], endPoint);
        return new PostfixReceiver(process, endPoint);
    }

    public async Task<ReceiverReport> AskAsync(IPEndPoint via, IPEndPoint source)
    {
        using var client = await TestClient.ConnectAsync(via, source);
        // The server speaks first; the rejection is its first line.
        var rejection = await client.ReceiveUntilAsync("\r\n");
        await client.SendAsync("QUIT\r\n");
        await client.ReceiveToEndAsync();
        return PeerProcess.Parse(rejection);
    }

    public void Dispose() => _process.Dispose();
}
