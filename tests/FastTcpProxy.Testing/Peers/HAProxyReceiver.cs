using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Peers;

/// <summary>
/// HAProxy with `accept-proxy`, which answers with the addresses of the header and the TLVs that it can tell (fc_pp_authority,
/// fc_pp_unique_id). It verifies a CRC32C TLV, so an answer means that it was right.
/// One question at a time; it owns its process.
/// </summary>
public sealed class HAProxyReceiver : IReceiver
{
    private readonly PeerProcess _process;

    private HAProxyReceiver(PeerProcess process, IPEndPoint endPoint)
    {
        _process = process;
        EndPoint = endPoint;
    }

    public IPEndPoint EndPoint { get; }

    public static async Task<HAProxyReceiver> StartAsync()
    {
        var endPoint = FreePort.Loopback();
        var folder = new TempFolder("haproxy");
        var path = folder.Write("haproxy.cfg", $"""
            global
                log stderr format raw local0
            defaults
                mode http
                log global
                timeout connect 10s
                timeout client 30s
                timeout server 30s
            frontend receiver
                bind {endPoint} accept-proxy
                http-request return status 200 content-type text/plain lf-string "client=%[src]:%[src_port] server=%[dst]:%[dst_port] authority=%[fc_pp_authority] unique-id=%[fc_pp_unique_id] proxied=%[fc_rcvd_proxy]\n"

            """);
        var process = await PeerProcess.StartAsync(folder, RequiresPeer.HAProxyPath, ["-db", "-f", path], endPoint);
        return new HAProxyReceiver(process, endPoint);
    }

    public async Task<ReceiverReport> AskAsync(IPEndPoint via, IPEndPoint source) =>
        PeerProcess.Parse(await PeerProcess.GetAsync(via, source, "/"));

    public void Dispose() => _process.Dispose();
}
