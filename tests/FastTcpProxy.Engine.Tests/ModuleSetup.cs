using System.Runtime.CompilerServices;

namespace FastTcpProxy.Engine.Tests;

/// <summary>
/// Asks for the socket threads that the program asks for. The test host may have used sockets before; then the runtime has its threads
/// already, and everything must be right all the same.
/// </summary>
internal static class ModuleSetup
{
    public const int Threads = 2;

    [ModuleInitializer]
    internal static void Configure() => SocketRuntime.Configure(Threads);
}
