using System.Globalization;
using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Peers;

/// <summary>
/// Apache with `RemoteIPProxyProtocol On` (mod_remoteip), which reports in its access log: that is where it knows the client's port too.
/// One question at a time; it owns its process.
/// </summary>
public sealed class ApacheReceiver : IReceiver
{
    private readonly PeerProcess _process;
    private int _questions;

    private ApacheReceiver(PeerProcess process, IPEndPoint endPoint)
    {
        _process = process;
        EndPoint = endPoint;
    }

    public IPEndPoint EndPoint { get; }

    public static async Task<ApacheReceiver> StartAsync()
    {
        var endPoint = FreePort.Loopback();
        var folder = new TempFolder("apache");
        // User is only for a start as root, which would be refused with root's own name; otherwise it is a no-op with a warning.
        var path = folder.Write("apache.conf", $$"""
            ServerRoot "{{folder.Path}}"
            ServerName peer.test
            PidFile "{{folder["apache.pid"]}}"
            DefaultRuntimeDir "{{folder.Path}}"
            Mutex pthread
            Listen {{endPoint}}
            LoadModule mpm_event_module {{RequiresPeer.ApacheModulesPath}}/mod_mpm_event.so
            LoadModule authz_core_module {{RequiresPeer.ApacheModulesPath}}/mod_authz_core.so
            LoadModule remoteip_module {{RequiresPeer.ApacheModulesPath}}/mod_remoteip.so
            StartServers 1
            ServerLimit 1
            MinSpareThreads 1
            MaxSpareThreads 8
            ThreadsPerChild 8
            MaxRequestWorkers 8
            User www-data
            Group www-data
            DocumentRoot "{{folder.Path}}"
            ErrorLog /dev/stderr
            LogFormat "%U client=[%a]:%{remote}p" report
            CustomLog /dev/stdout report
            RemoteIPProxyProtocol On
            <Directory />
                Require all denied
            </Directory>

            """);
        var process = await PeerProcess.StartAsync(
            folder, RequiresPeer.ApachePath, ["-d", folder.Path, "-f", path, "-DFOREGROUND"], endPoint);
        return new ApacheReceiver(process, endPoint);
    }

    public async Task<ReceiverReport> AskAsync(IPEndPoint via, IPEndPoint source)
    {
        // The path marks the question's line in the log; what the answer is does not matter.
        var path = string.Create(CultureInfo.InvariantCulture, $"/question-{Interlocked.Increment(ref _questions)}");
        var answer = await PeerProcess.GetAsync(via, source, path);
        if (!answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal))
            throw new InvalidDataException("Apache did not answer: " + answer);
        var line = await _process.Child.Output.WaitForLineAsync(
            text => text.StartsWith(path + " ", StringComparison.Ordinal), "the request's line in Apache's log");
        return PeerProcess.Parse(line);
    }

    public void Dispose() => _process.Dispose();
}
