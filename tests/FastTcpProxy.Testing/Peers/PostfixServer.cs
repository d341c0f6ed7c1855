using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Peers;

/// <summary>
/// Postfix as a mail server behind a proxy has it: postscreen in front of smtpd for port 25, and a smtpd for submission, both of which
/// require a PROXY header. An instance of its own (configuration, queue and data folders). Any thread; it owns its process. Needs root.
/// </summary>
public sealed class PostfixServer : IDisposable
{
    private PostfixServer(PeerProcess process, IPEndPoint postscreen, IPEndPoint submission)
    {
        Process = process;
        Postscreen = postscreen;
        Submission = submission;
    }

    public PeerProcess Process { get; }

    public IPEndPoint Postscreen { get; }

    public IPEndPoint Submission { get; }

    /// <summary>What it has logged since its last start.</summary>
    public string[] Log => Process.Child.Output.Snapshot();

    public static async Task<PostfixServer> StartAsync()
    {
        var postscreen = FreePort.Loopback();
        var submission = FreePort.Loopback();
        var folder = new TempFolder("postfix");
        var configuration = folder.MakeFolder("etc");
        folder.MakeFolder("queue");
        // 127.0.0.1 alone, from which the checks come, is on postscreen's list: other clients wait for the end of its greeting.
        folder.Write("etc/main.cf", $"""
            compatibility_level = 3.6
            queue_directory = {folder["queue"]}
            data_directory = {folder["data"]}
            maillog_file = /dev/stdout
            myhostname = peer.test
            mydestination =
            mynetworks = 127.0.0.1/32
            inet_interfaces = 127.0.0.1
            inet_protocols = all
            alias_maps =
            local_recipient_maps =
            smtpd_peername_lookup = no
            smtpd_tls_security_level = none
            postscreen_upstream_proxy_protocol = haproxy
            postscreen_greet_wait = 1s
            postscreen_greet_action = enforce
            postscreen_cache_map =

            """);
        folder.Write("etc/master.cf", $"""
            {postscreen} inet n - n - 1 postscreen
            smtpd pass - - n - - smtpd
            {submission} inet n - n - - smtpd
              -o syslog_name=postfix/submission
              -o smtpd_upstream_proxy_protocol=haproxy
            anvil unix - - n - 1 anvil
            postlog unix-dgram n - n - 1 postlogd

            """);
        var process = await PeerProcess.StartAsync(
            folder, RequiresPeer.PostfixPath, ["-c", configuration, "start-fg"], postscreen, submission);
        return new PostfixServer(process, postscreen, submission);
    }

    public void Dispose() => Process.Dispose();
}
