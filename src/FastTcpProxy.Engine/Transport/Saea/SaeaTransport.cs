using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.ProxyProtocol;
using Microsoft.Win32.SafeHandles;

namespace FastTcpProxy.Engine.Transport.Saea;

/// <summary>
/// The transport over the runtime's sockets. It owns the pools of streams and operations of its loop, the pipes and the spare descriptors. Belongs to one loop.
/// </summary>
internal sealed class SaeaTransport : ITransport
{
    /// <summary>How many idle objects of a kind are kept; more than a burst of connects needs is left to the collector.</summary>
    private const int RetainedMax = 16_384;

    /// <summary>Enough for the socket of a client that was already accepted, and for some threads of the runtime.</summary>
    private const int SpareDescriptors = 8;

    /// <summary>Descriptors that it has from its start to its end, beside listeners and connections: the spare ones, the pipes, the blank socket.</summary>
    public const int DescriptorsHeld = SpareDescriptors + PipePool.PipesMax * KernelPipe.DescriptorsHeld + 1;

    private readonly List<SafeFileHandle> _spare = new(SpareDescriptors);
    private readonly KernelPipe[] _pipes;
    private readonly EventSets _eventSets;

    // Without a name or a peer: what listening descriptors are made to mean before the runtime closes them.
    private readonly Socket _blank = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <param name="eventSets">Of the engine; null makes some for this loop alone.</param>
    public SaeaTransport(EventLoop loop, int restingMax, EventSets? eventSets = null)
    {
        Loop = loop;
        _eventSets = eventSets ?? new EventSets();
        Recycled = new RecycledSockets(restingMax);
        Streams = new LoopPool<SaeaStream>(() => new SaeaStream(this), RetainedMax);
        Sends = new LoopPool<SaeaStream.SendOperation>(() => new SaeaStream.SendOperation(this), RetainedMax);
        _pipes = new KernelPipe[PipePool.PipesMax];
        for (int i = 0; i < _pipes.Length; i++) _pipes[i] = new KernelPipe(loop.Counters);
        Pipes = new PipePool(SpliceTerms.Measured, Array.FindAll(_pipes, p => p.IsUsable));
        TryRestoreSpare();
    }

    public PipePool Pipes { get; }

    public EventLoop Loop { get; }

    /// <summary>Sockets of ended connections, for the next ones.</summary>
    public RecycledSockets Recycled { get; }

    public LoopPool<SaeaStream> Streams { get; }

    public LoopPool<SaeaStream.SendOperation> Sends { get; }

    public StreamSocket Rent() => Streams.Get();

    public StreamSocket Adopt(in AcceptedConnection connection, IStreamOwner owner)
    {
        SaeaStream stream = Streams.Get();
        try
        {
            stream.Adopt((Socket)connection.Handle, owner);
        }
        catch
        {
            // The socket stays the caller's.
            stream.Disown();
            throw;
        }
        return stream;
    }

    public void Refuse(in AcceptedConnection connection, bool reset)
    {
        Socket socket = (Socket)connection.Handle;
        if (reset) Native.ResetOnClose((int)socket.SafeHandle.DangerousGetHandle());
        socket.Dispose();
    }

    /// <summary>A listening socket is watched by the runtime from now on.</summary>
    public void OnListening() => _eventSets.Learn();

    /// <summary>Ends what this process has to do with a listening socket, without any effect on others who hold it.</summary>
    public void Abandon(Socket listening) => SharedListener.Leave(listening, _eventSets, _blank);

    public ListenSocket Listen(object handle, IAcceptOwner owner) => new SaeaListenSocket(Loop, this, (Socket)handle, owner);

    public ListenSocket? TryReopen(ListenAddress address, InetEndPoint local, IAcceptOwner owner, out int descriptor, out SocketError error)
    {
        // Where the kernel chose the port, clients know that one.
        ListenAddress wanted = address.EndPoint is IPEndPoint { Port: 0 } any ? new ListenAddress(new IPEndPoint(any.Address, local.Port), address.IsDualStack) : address;
        try
        {
            // Beside the sockets that the other loops have.
            BoundListener bound = ListenSocketBinder.Bind(wanted, loops: 1, besideOwn: true)[0];
            (descriptor, error) = (bound.Descriptor, SocketError.Success);
            return Listen(bound.Handle, owner);
        }
        catch (BindException e)
        {
            (descriptor, error) = (-1, (e.InnerException as SocketException)?.SocketErrorCode ?? SocketError.SocketError);
            return null;
        }
    }

    public bool ReleaseSpare()
    {
        Recycled.Clear();
        if (_spare.Count == 0) return false;
        foreach (SafeFileHandle descriptor in _spare) descriptor.Dispose();
        _spare.Clear();
        return true;
    }

    public bool TryRestoreSpare()
    {
        try
        {
            while (_spare.Count < SpareDescriptors) _spare.Add(File.OpenHandle("/dev/null"));
            return true;
        }
        catch (IOException)
        {
            ReleaseSpare();
            return false;
        }
    }

    public void Close()
    {
        ReleaseSpare();
        _blank.Dispose();
        foreach (KernelPipe pipe in _pipes) pipe.Dispose();
    }

    /// <summary>A socket for a connect. The framework reports a lack of descriptors by throwing; here it becomes a value.</summary>
    public static Socket? TryCreateSocket(AddressFamily family, out SocketError error)
    {
        try
        {
            error = SocketError.Success;
            Socket socket = new(family, SocketType.Stream, family == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
            socket.Blocking = false;
            return socket;
        }
        catch (SocketException e)
        {
            // The framework has no name for ENOMEM.
            error = Native.ToSocketError(e.NativeErrorCode);
            return null;
        }
    }
}
