namespace FastTcpProxy.Engine;

/// <summary>
/// Sets the runtime's socket engine up: completions run on its epoll threads, and there are as many of those as asked for.
/// The runtime reads these settings when the process makes its first socket, so <c>Main</c> calls this first. Without it the engine works
/// all the same, over the thread pool, at a higher cost for each connection.
/// </summary>
public static class SocketRuntime
{
    public static void Configure(int threads)
    {
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", threads.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
