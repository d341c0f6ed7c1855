using System.Runtime.CompilerServices;
using FastTcpProxy.Engine;

namespace FastTcpProxy.Control.Tests;

/// <summary>
/// Asks for the socket threads of the program in this process too, so that what runs beside the engine is tested as it will run.
/// </summary>
internal static class ModuleSetup
{
    private const int Threads = 2;

    [ModuleInitializer]
    internal static void Configure() => SocketRuntime.Configure(Threads);
}
