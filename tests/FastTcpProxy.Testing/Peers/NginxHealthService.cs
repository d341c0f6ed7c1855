using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Peers;

/// <summary>
/// nginx as the health service of upstreams: `/NAME` answers 200 "NAME is well", or 503 while the test says that it is not. Any thread;
/// it owns its process.
/// </summary>
public sealed class NginxHealthService : IDisposable
{
    private readonly PeerProcess _process;

    private NginxHealthService(PeerProcess process, IPEndPoint endPoint)
    {
        _process = process;
        EndPoint = endPoint;
    }

    public IPEndPoint EndPoint { get; }

    public static async Task<NginxHealthService> StartAsync()
    {
        RequiresPeer.Nginx();
        var endPoint = FreePort.Loopback();
        var folder = new TempFolder("health");
        var process = await NginxProcess.StartAsync(folder, $$"""
            server {
                listen {{endPoint}} backlog=4096;
                root {{folder.MakeFolder("ill")}};
                location / {
                    if (-f $request_filename) { return 503 "not well\n"; }
                    return 200 "$uri is well\n";
                }
            }
            """, endPoint);
        return new NginxHealthService(process, endPoint);
    }

    /// <summary>From now on what is asked for this name.</summary>
    public void Set(string name, bool well)
    {
        string mark = System.IO.Path.Combine(_process.Folder["ill"], name);
        if (well) File.Delete(mark);
        else File.WriteAllText(mark, "");
    }

    public void Dispose() => _process.Dispose();
}
