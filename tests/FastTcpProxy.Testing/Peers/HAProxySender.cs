using System.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Peers;

/// <summary>
/// HAProxy as the sender of headers: behind it a receiver is checked without our proxy, and it is the balancer in front of ours.
/// Any thread; it owns its process.
/// </summary>
public sealed class HAProxySender : IDisposable
{
    /// <summary>What the unique-id TLV holds before the client's port, so that a test can name the whole value.</summary>
    public const string UniqueIdPrefix = "id-";

    private readonly PeerProcess _process;

    private HAProxySender(PeerProcess process) => _process = process;

    /// <summary>Starts it on the given addresses.</summary>
    /// <param name="serverOptions">The server line's keywords: "send-proxy", "send-proxy-v2 proxy-v2-options unique-id,crc32c".</param>
    public static async Task<HAProxySender> StartAsync(IPEndPoint upstream, string serverOptions, params IPEndPoint[] listens)
    {
        var folder = new TempFolder("sender");
        var binds = string.Join("\n", listens.Select(listen => $"    bind {listen}"));
        var path = folder.Write("haproxy.cfg", $"""
            global
                log stderr format raw local0
            defaults
                mode tcp
                log global
                timeout connect 10s
                timeout client 30s
                timeout server 30s
            frontend sender
            {binds}
                unique-id-format {UniqueIdPrefix}%cp
                default_backend upstream
            backend upstream
                server upstream {upstream} {serverOptions}

            """);
        return new HAProxySender(await PeerProcess.StartAsync(folder, RequiresPeer.HAProxyPath, ["-db", "-f", path], listens));
    }

    public void Dispose() => _process.Dispose();
}
