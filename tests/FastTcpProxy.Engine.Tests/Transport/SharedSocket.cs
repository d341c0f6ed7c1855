using System.Collections.Immutable;
using System.Globalization;
using System.Net.Sockets;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Engine.Tests.Transport;

/// <summary>
/// A second hold on a listening socket, as another process has one that was passed it: the kernel knows no difference. Owned by a test.
/// </summary>
internal sealed class SharedSocket : IDisposable
{
    private const int SolSocket = 1, SoGetFilter = 26;

    public SharedSocket(int descriptor)
    {
        Socket = new Socket(new SafeSocketHandle(NativeListener.Duplicate(descriptor), ownsHandle: true)) { Blocking = false };
        Inode = new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{Descriptor}")).LinkTarget!["socket:[".Length..^1];
    }

    public Socket Socket { get; }

    public int Descriptor => (int)Socket.SafeHandle.DangerousGetHandle();

    public string Inode { get; }

    /// <summary>Whether some epoll set of this process watches the socket (proc(5), fdinfo).</summary>
    public bool IsWatched
    {
        get
        {
            string mark = string.Create(CultureInfo.InvariantCulture, $" ino:{long.Parse(Inode, CultureInfo.InvariantCulture):x} ");
            return Directory.EnumerateFiles("/proc/self/fdinfo").Any(path => Lines(path)
                .Any(line => line.StartsWith("tfd:", StringComparison.Ordinal) && line.Contains(mark, StringComparison.Ordinal)));
        }
    }

    /// <summary>Whether connections that are accepted from it will end by a reset.</summary>
    public bool ResetsAtClose => Socket.LingerState is { Enabled: true };

    /// <summary>Whether a filter drops what comes: SO_GET_FILTER (socket(7)) without room tells how many steps it has.</summary>
    public bool IsDeaf => Socket.GetRawSocketOption(SolSocket, SoGetFilter, []) > 0;

    public bool Listens => NativeListener.FindFlaw(Descriptor) is null;

    /// <summary>The descriptors as another process gets them: numbers of its own, of sockets that it has not bound.</summary>
    public static ImmutableArray<ListenerDescriptors> Pass(ImmutableArray<ListenerDescriptors> listeners) =>
        [.. listeners.Select(l => l with { Descriptors = [.. l.Descriptors.Select(NativeListener.Duplicate)], IsOwn = false })];

    public void Dispose() => Socket.Dispose();

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (IOException)
        {
            // Closed meanwhile.
            return [];
        }
    }
}
