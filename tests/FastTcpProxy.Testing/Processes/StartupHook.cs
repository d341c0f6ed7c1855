using System.Globalization;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using FastTcpProxy.Testing.Processes;

/// <summary>
/// Runs inside the program under test, before its Main, when DOTNET_STARTUP_HOOKS names this assembly: answers what only the process itself
/// can count. The name and the place outside of any namespace are the runtime's rule. It owns one listening socket and one thread, until
/// the process ends.
/// </summary>
internal static class StartupHook
{
    /// <summary>Enough for a dozen collections with a bounded budget, and for none with that of a large cache.</summary>
    private const int GarbageBytes = 64 << 20, PieceBytes = 1000;

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(HeapProbe.SocketVariable) is not { } path) return;
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        new Thread(() => Serve(listener)) { IsBackground = true, Name = "heap probe" }.Start();
    }

    private static void Serve(Socket listener)
    {
        byte[] question = new byte[1];
        while (true)
        {
            using Socket asker = listener.Accept();
            if (asker.Receive(question) != 1) continue;
            long answer = question[0] == HeapProbe.AskLiveBytes ? LiveBytes() : CollectionsForGarbage();
            asker.Send(System.Text.Encoding.ASCII.GetBytes(answer.ToString(CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>What is reachable: two collections, since the first one only hands over what has a finalizer.</summary>
    private static long LiveBytes()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        return GC.GetTotalMemory(false);
    }

    private static int CollectionsForGarbage()
    {
        // The collector sets its budget anew at the end of a collection.
        GC.Collect();
        int before = GC.CollectionCount(0);
        for (int i = 0; i < GarbageBytes / PieceBytes; i++) Drop(new byte[PieceBytes]);
        return GC.CollectionCount(0) - before;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Drop(byte[] piece) => GC.KeepAlive(piece);
}
