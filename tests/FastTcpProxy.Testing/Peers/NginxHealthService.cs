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
    /// <summary>No name of an upstream has a point in front.</summary>
    private const string CountPath = "/.answers";

    private readonly PeerProcess _process;

    private NginxHealthService(PeerProcess process, IPEndPoint endPoint)
    {
        _process = process;
        EndPoint = endPoint;
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Of the process that answers, so far.</summary>
    public TimeSpan ProcessorTime => ChildProcess.ProcessorTimeOf(WorkerId);

    /// <summary>nginx answers in a child of the process that was started.</summary>
    private int WorkerId => int.Parse(File.ReadAllText($"/proc/{_process.Child.Id}/task/{_process.Child.Id}/children").Split(' ')[0],
        System.Globalization.CultureInfo.InvariantCulture);

    public static async Task<NginxHealthService> StartAsync()
    {
        RequiresPeer.Nginx();
        var endPoint = FreePort.Loopback();
        var folder = new TempFolder("health");
        var process = await NginxProcess.StartAsync(folder, $$"""
            server {
                listen {{endPoint}} backlog=4096;
                root {{folder.MakeFolder("ill")}};
                location = {{CountPath}} { stub_status; }
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

    /// <summary>Requests that it has answered so far, this one among them (ngx_http_stub_status_module).</summary>
    public async Task<long> CountAnswersAsync()
    {
        string answer = await PeerProcess.GetAsync(EndPoint, new IPEndPoint(IPAddress.Loopback, 0), CountPath);
        string counts = answer.Split('\n').SkipWhile(line => !line.StartsWith("server accepts", StringComparison.Ordinal)).ElementAt(1);
        return long.Parse(counts.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2], System.Globalization.CultureInfo.InvariantCulture);
    }

    public void Dispose() => _process.Dispose();
}
