using System.Net.Sockets;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Transport.Linux;
using Microsoft.Win32.SafeHandles;

namespace FastTcpProxy.Engine.Transport.Saea;

/// <summary>
/// The transport over the runtime's sockets. It owns the pools of streams and operations of its loop, the pipes and the spare descriptors.
/// Belongs to one loop.
/// </summary>
internal sealed class SaeaTransport : ITransport
{
    /// <summary>How many idle objects of a kind are kept; more than a burst of connects needs is left to the collector.</summary>
    private const int RetainedMax = 16_384;

    /// <summary>Enough for the socket of a client that was already accepted, and for some threads of the runtime.</summary>
    private const int SpareDescriptors = 8;

    /// <summary>
    /// Descriptors that it has from its start to its end, beside listeners and connections: the spare ones, the pipes, the blank socket.
    /// </summary>
    public const int DescriptorsHeld = SpareDescriptors + PipePool.PipesMax * KernelPipe.DescriptorsHeld + 1;

    private readonly List<SafeFileHandle> _spare = new(SpareDescriptors);
    private readonly KernelPipe[] _pipes;
    private readonly SocketPlacement _placement;
    private readonly EventSets _eventSets;

    // Without a name or a peer: what listening descriptors are made to mean before the runtime closes them.
    private readonly Socket _blank = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public SaeaTransport(EventLoop loop, int recycledMax, SocketPlacement placement, EventSets eventSets)
    {
        Loop = loop;
        _placement = placement;
        _eventSets = eventSets;
        Recycled = new RecycledSockets(recycledMax);
        Streams = new LoopPool<SaeaStream>(() => new SaeaStream(this), RetainedMax);
        Sends = new LoopPool<SaeaStream.SendOperation>(() => new SaeaStream.SendOperation(this), RetainedMax);
        _pipes = new KernelPipe[PipePool.PipesMax];
        for (int i = 0; i < _pipes.Length; i++) _pipes[i] = new KernelPipe(loop.Metrics);
        Pipes = new PipePool(SpliceTerms.Measured, Array.FindAll(_pipes, p => p.IsUsable));
        TryRestoreSpare();
    }

    public PipePool Pipes { get; }

    public EventLoop Loop { get; }

    /// <summary>Sockets of ended connections, for the next ones.</summary>
    public RecycledSockets Recycled { get; }

    public int SocketsRecycled => Recycled.Count;

    public LoopPool<SaeaStream> Streams { get; }

    public LoopPool<SaeaStream.SendOperation> Sends { get; }

    public StreamSocket Rent() => Streams.Get();

    /// <summary>A stream for a socket that was accepted.</summary>
    public SaeaStream Take(Socket accepted)
    {
        try
        {
            SaeaStream stream = Streams.Get();
            stream.Take(accepted);
            return stream;
        }
        catch
        {
            // No other code has it.
            accepted.Dispose();
            throw;
        }
    }

    /// <summary>A listening socket is watched by the runtime from now on.</summary>
    public void OnListening() => _eventSets.Learn();

    /// <summary>Ends what this process has to do with a listening socket, without any effect on others who hold it.</summary>
    public void Abandon(Socket listening) => SharedListener.Leave(listening, _eventSets, _blank);

    /// <summary>Called right before the first operation of a socket that may wait.</summary>
    public void Steer() => _placement.Steer(Loop.Index);

    public ListenSocket Listen(BoundListener bound, IAcceptOwner owner)
    {
        SafeSocketHandle handle = new(bound.Descriptor, ownsHandle: true);
        try
        {
            return new SaeaListenSocket(this, new Socket(handle), owner, bound.IsInherited);
        }
        catch
        {
            // By the plain call: the runtime's would turn on a reset at close for all who hold the socket.
            handle.SetHandleAsInvalid();
            NativeDescriptor.Close(bound.Descriptor);
            throw;
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
