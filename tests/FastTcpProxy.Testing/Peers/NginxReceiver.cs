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
        var process = await NginxProcess.StartAsync(folder, $$"""
            server {
                listen {{endPoint}} proxy_protocol;
                location / {
                    return 200 "client=$proxy_protocol_addr:$proxy_protocol_port server=$proxy_protocol_server_addr:$proxy_protocol_server_port\n";
                }
            }
            """, endPoint);
        return new NginxReceiver(process, endPoint);
    }

    public async Task<ReceiverReport> AskAsync(IPEndPoint via, IPEndPoint source) =>
        PeerProcess.Parse(await PeerProcess.GetAsync(via, source, "/"));

    public void Dispose() => _process.Dispose();
}
