using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Daemon.Admin.Transport;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>How the old process answered "I serve".</summary>
internal enum HandOverAnswer : byte
{
    /// <summary>It has let go of the listeners, and drains.</summary>
    Released,

    /// <summary>It has ended meanwhile: its listeners are ours all the same.</summary>
    Gone,

    /// <summary>It goes on: it had waited too long, or its listeners have changed. Two processes serve the same addresses, so this one must end.</summary>
    StillServing,
}

/// <summary>
/// The new process's side of a take-over: has the listening sockets of the running process and, later, tells it that it may let go. Each operation
/// blocks, within a bound. One thread at a time; it owns the connection, and the descriptors until they are taken.
/// </summary>
internal sealed class TakeOverClient : IDisposable
{
    private readonly DescriptorChannel _channel;
    private readonly TakeOverDocument _document;
    private readonly ReceivedDescriptors _descriptors;
    private readonly string _path;
    private readonly TakeOverLimits _limits;

    private TakeOverClient(string path, DescriptorChannel channel, TakeOverDocument document, ReceivedDescriptors descriptors, TakeOverLimits limits)
    {
        _channel = channel;
        _document = document;
        _descriptors = descriptors;
        _limits = limits;
        _path = path;
        Listeners = Take(document.Listeners);
        Admin = Take(document.Admin);
    }

    /// <summary>The sockets of the services. The caller owns them from here on.</summary>
    public ImmutableArray<ListenerDescriptors> Listeners { get; }

    /// <summary>Those of the administrative interface, likewise.</summary>
    public ImmutableArray<ListenerDescriptors> Admin { get; }

    /// <summary>Of the old program.</summary>
    public string Version => _document.Version;

    /// <summary>The old process, as it calls itself.</summary>
    public int ProcessId => _document.Pid;

    /// <summary>Asks the process that listens at <paramref name="path"/> for its sockets.</summary>
    /// <returns>Null when nobody is there: no file, or that of a process that is gone.</returns>
    /// <exception cref="TakeOverException">It does not give them; the message says why. Nothing is left open.</exception>
    public static TakeOverClient? Connect(string path, TakeOverLimits? limits = null)
    {
        if (Encoding.UTF8.GetByteCount(path) > TakeOverLimits.PathBytesMax)
            throw new TakeOverException($"{path}: a path of {Encoding.UTF8.GetByteCount(path)} bytes, expected at most {TakeOverLimits.PathBytesMax}: give admin.socket a shorter one");
        TakeOverLimits within = limits ?? TakeOverLimits.Default;
        if (Open(path) is not { } socket) return null;
        DescriptorChannel channel = new(socket);
        try
        {
            PeerCredentials peer = channel.Peer;
            if (peer.Uid != 0 && peer.Uid != TakeOverNative.EffectiveUser)
                throw new TakeOverException($"the process there is of user {peer.Uid}, expected {TakeOverNative.EffectiveUser} or root");
            TimeBound bound = TimeBound.After(within.TransferTime);
            TakeOverDocument document = TakeOverDocument.Parse(channel.ReceiveDocument(bound));
            return new TakeOverClient(path, channel, document, channel.ReceiveDescriptors(document.DescriptorsCount, bound), within);
        }
        catch (TakeOverException e)
        {
            channel.Dispose();
            throw new TakeOverException($"{path}: {e.Message}", e);
        }
        catch
        {
            channel.Dispose();
            throw;
        }
    }

    /// <summary>Says that this process serves. Only from then on does the old one act.</summary>
    public HandOverAnswer Confirm()
    {
        try
        {
            TimeBound bound = TimeBound.After(_limits.ReleaseTime);
            _channel.SendByte(TakeOverServer.Serving, bound);
            if (_channel.ReceiveByte(bound) == TakeOverServer.Serving) return HandOverAnswer.Released;
        }
        catch (TakeOverException)
        {
            // It has closed, or hangs: what counts is whether it is there.
        }
        return UnixSocketFile.IsServed(_path) ? HandOverAnswer.StillServing : HandOverAnswer.Gone;
    }

    public void Dispose()
    {
        _channel.Dispose();
        _descriptors.Dispose();
    }

    private static Socket? Open(string path)
    {
        // A full queue is an answer, and not to be waited for (unix(7)).
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            return e.SocketErrorCode switch
            {
                // connect(2) says "no such file" with the same code as "no such address".
                SocketError.AddressNotAvailable or SocketError.ConnectionRefused => null,
                SocketError.AccessDenied => throw new TakeOverException($"{path}: permission denied; only the user of the running process may take over, or root", e),
                SocketError.WouldBlock => throw new TakeOverException($"{path}: other processes are taking over already", e),
                _ => throw new TakeOverException($"{path}: {e.Message}", e),
            };
        }
    }

    private ImmutableArray<ListenerDescriptors> Take(ImmutableArray<TakeOverListener> announced) =>
        [.. announced.Select(l => new ListenerDescriptors(l.Address, _descriptors.Take(l.Descriptors)) { KeepsFile = l.KeepsFile })];
}
