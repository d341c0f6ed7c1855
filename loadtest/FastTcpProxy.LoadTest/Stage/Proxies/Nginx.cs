using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.LoadTest.Stage.Proxies;

/// <summary>
/// nginx stream told to do the same: the second server is a backup, and no failure takes the first one out (max_fails=0), unless waits are
/// to be avoided. Its free version has no checks of its own, and an operator takes a server out by a reload. One task.
/// </summary>
internal sealed class Nginx(ProxySetup setup, TempFolder folder) : ProxyUnderTest(setup, folder)
{
    public override bool HasChecks => false;

    /// <summary>Its master ends its workers, which a signal that it cannot catch would leave behind.</summary>
    protected override string DeathSignal => "TERM";

    public override void Start()
    {
        Write(isDisabled: false);
        Process = Launch(Installed("nginx"), ["-e", "stderr", "-c", Folder["nginx.conf"]]);
    }

    public override Task DisableAsync() => ReloadAsync(isDisabled: true);

    public override Task EnableAsync() => ReloadAsync(isDisabled: false);

    private Task ReloadAsync(bool isDisabled)
    {
        Write(isDisabled);
        Process!.Signal(UnixSignal.Hangup);
        return Task.CompletedTask;
    }

    private void Write(bool isDisabled)
    {
        string failures = Setup.AvoidsWaits ? $"max_fails={ProxySetup.FailuresMax} fail_timeout=10s" : "max_fails=0";
        TimeSpan connect = Setup.AvoidsWaits ? ProxySetup.ShortConnectTimeout : Setup.ConnectTimeout;
        Folder.Write("nginx.conf", $$"""
        daemon off;
        pid {{Folder["nginx.pid"]}};
        error_log stderr crit;
        load_module {{Configurations.NginxModule}};
        worker_processes {{ProxySetup.Threads}};
        worker_rlimit_nofile {{Setup.Connections * 2 + 100}};
        events { worker_connections {{Setup.Connections * 2 + 50}}; }
        stream {
            upstream upstreams {
                server {{Setup.A}} {{failures}}{{(isDisabled ? " down" : "")}};
                server {{Setup.B}} max_fails=0 backup;
            }
            server {
                listen {{Setup.Listen}} backlog={{ProxySetup.Backlog}} reuseport;
                proxy_pass upstreams;
                proxy_next_upstream on;
                proxy_connect_timeout {{connect.TotalMilliseconds}}ms;
                proxy_timeout 300s;
            }
            server {
                listen {{Setup.Neighbour}} backlog={{ProxySetup.Backlog}} reuseport;
                proxy_pass {{Setup.C}};
                proxy_timeout 300s;
            }
        }

        """);
    }
}
