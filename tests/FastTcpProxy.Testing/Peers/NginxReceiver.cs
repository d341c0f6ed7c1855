using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Peers;

/// <summary>
/// nginx with `listen ... proxy_protocol` (ngx_http_core_module), which answers with its $proxy_protocol_ variables.
/// One question at a time; it owns its process.
/// </summary>
public sealed class NginxReceiver : IReceiver
{
    private readonly PeerProcess _process;

    private NginxReceiver(PeerProcess process, IPEndPoint endPoint)
    {
        _process = process;
        EndPoint = endPoint;
    }

    public IPEndPoint EndPoint { get; }

    public static async Task<NginxReceiver> StartAsync()
    {
        var endPoint = FreePort.Loopback();
        var folder = new TempFolder("nginx");
        folder.Write("nginx.conf", $$"""
            daemon off;
            pid nginx.pid;
            error_log stderr notice;
            worker_processes 1;
            events { worker_connections 256; }
            http {
                access_log off;
                client_body_temp_path body;
                proxy_temp_path proxy;
                fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;
                server {
                    listen {{endPoint}} proxy_protocol;
                    location / {
                        return 200 "client=$proxy_protocol_addr:$proxy_protocol_port server=$proxy_protocol_server_addr:$proxy_protocol_server_port\n";
                    }
                }
            }
            """);
        var process = await PeerProcess.StartAsync(
            folder, RequiresPeer.NginxPath, ["-p", folder.Path, "-e", "stderr", "-c", "nginx.conf"], endPoint);
        return new NginxReceiver(process, endPoint);
    }

    public async Task<ReceiverReport> AskAsync(IPEndPoint via, IPEndPoint source) =>
        PeerProcess.Parse(await PeerProcess.GetAsync(via, source, "/"));

    public void Dispose() => _process.Dispose();
}
