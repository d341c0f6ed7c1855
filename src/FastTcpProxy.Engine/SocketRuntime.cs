using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Saea;

namespace FastTcpProxy.Engine;

/// <summary>
/// The transport of the engine's sockets: the one place that names a transport. Stateless.
/// </summary>
public static class SocketRuntime
{
    /// <summary>Descriptors that a loop has open from its start, beside listeners and connections.</summary>
    public const int DescriptorsPerLoop = SaeaTransport.DescriptorsHeld;

    /// <summary>
    /// Sets the runtime's socket engine up: completions run on its epoll threads, and there are as many of those as asked for. The runtime
    /// reads these settings when the process makes its first socket, so <c>Main</c> calls this first. Without it the engine still works,
    /// over the thread pool, at a higher cost for each connection.
    /// </summary>
    public static void Configure(int threads)
    {
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT",
            threads.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    internal static ITransportFactory CreateTransports(EngineOptions options) => new SaeaTransportFactory(options.Threads);
}
