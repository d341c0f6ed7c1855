using System.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Peers;

/// <summary>
/// nginx's stream module with `proxy_protocol on`, which sends v1: a balancer in front of our proxy. Any thread; it owns its process.
/// </summary>
public sealed class NginxStreamSender : IDisposable
{
    private readonly PeerProcess _process;

    private NginxStreamSender(PeerProcess process) => _process = process;

    /// <summary>Starts it on the given addresses.</summary>
    public static async Task<NginxStreamSender> StartAsync(IPEndPoint upstream, params IPEndPoint[] listens)
    {
        var folder = new TempFolder("stream");
        var listenLines = string.Join(" ", listens.Select(listen => $"listen {listen};"));
        folder.Write("nginx.conf", $$"""
            daemon off;
            pid nginx.pid;
            error_log stderr notice;
            worker_processes 1;
            load_module {{RequiresPeer.NginxStreamModulePath}};
            events { worker_connections 256; }
            stream {
                server {
                    {{listenLines}}
                    proxy_pass {{upstream}};
                    proxy_protocol on;
                }
            }

            """);
        return new NginxStreamSender(await PeerProcess.StartAsync(
            folder, RequiresPeer.NginxPath, ["-p", folder.Path, "-e", "stderr", "-c", "nginx.conf"], listens));
    }

    public void Dispose() => _process.Dispose();
}
