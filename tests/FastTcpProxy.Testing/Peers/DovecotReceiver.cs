using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Peers;

/// <summary>
/// Dovecot's IMAP login with `haproxy = yes`, which reports in its log. No user logs in: the address is known before.
/// One question at a time; it owns its process. Needs root.
/// </summary>
public sealed class DovecotReceiver : IReceiver
{
    private DovecotReceiver(PeerProcess process, IPEndPoint endPoint)
    {
        Process = process;
        EndPoint = endPoint;
    }

    public PeerProcess Process { get; }

    public IPEndPoint EndPoint { get; }

    /// <summary>What it has logged since its last start.</summary>
    public string[] Log => Process.Child.Error.Snapshot();

    public static async Task<DovecotReceiver> StartAsync()
    {
        var endPoint = FreePort.Loopback();
        var folder = new TempFolder("dovecot");
        var path = folder.Write("dovecot.conf", $$"""
            protocols = imap
            base_dir = {{folder["run"]}}
            state_dir = {{folder["state"]}}
            log_path = /dev/stderr
            ssl = no
            listen = {{endPoint.Address}}
            haproxy_trusted_networks = 127.0.0.0/8
            haproxy_timeout = 10s
            login_log_format_elements = client=[%{rip}]:%{rport} server=[%{lip}]:%{lport}
            login_greeting = ready
            passdb {
              driver = static
              args = password=secret
            }
            userdb {
              driver = static
              args = uid=dovecot gid=dovecot home={{folder.Path}}
            }
            mail_location = maildir:{{folder["mail"]}}
            service imap-login {
              chroot =
              inet_listener imap {
                port = {{endPoint.Port}}
                haproxy = yes
              }
              inet_listener imaps {
                port = 0
              }
            }

            """);
        var process = await PeerProcess.StartAsync(folder, RequiresPeer.DovecotPath, ["-F", "-c", path], endPoint);
        return new DovecotReceiver(process, endPoint);
    }

    public async Task<ReceiverReport> AskAsync(IPEndPoint via, IPEndPoint source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var before = Process.Child.Error.Count;
        using (var client = await TestClient.ConnectAsync(via, source))
        {
            // "ready" comes when the authentication process has answered too; commands are read from then on.
            await client.ReceiveUntilAsync("ready\r\n");
            await client.SendAsync("a LOGOUT\r\n");
            await client.ReceiveUntilAsync("a OK");
        }
        // One question at a time: the first report after it began is its own, whatever address it tells.
        var line = await Process.Child.Error.WaitForLineAsync(
            text => text.Contains("imap-login", StringComparison.Ordinal) && text.Contains("client=", StringComparison.Ordinal),
            "the connection's line in Dovecot's log",
            after: before);
        return PeerProcess.Parse(line);
    }

    public void Dispose() => Process.Dispose();
}
