using System.Net.Sockets;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Testing.Simulation;

/// <summary>
/// The transport of a simulation. Its streams are never used twice, so that a use after the close is always seen. Belongs to the loop of
/// its world.
/// </summary>
internal sealed class SimTransport : ITransport
{
    private readonly SimWorld _world;
    private readonly Dictionary<string, SimHost> _hosts = [];
    private bool _spareHeld = true;

    public SimTransport(SimWorld world)
    {
        _world = world;
        SimSplicePipe[] pipes = new SimSplicePipe[PipePool.PipesMax];
        for (int i = 0; i < pipes.Length; i++) pipes[i] = new SimSplicePipe(world, this);
        Pipes = new PipePool(world.SpliceTerms, pipes);
    }

    public PipePool Pipes { get; }

    public int SocketsRecycled => 0;

    /// <summary>Moves through a pipe.</summary>
    public int Splices { get; set; }

    /// <summary>Splices that said "nothing" or "the end" by chance.</summary>
    public int FalseSplices { get; set; }

    /// <summary>Waits that said by chance that there is something to read.</summary>
    public int FalseWaits { get; set; }

    /// <summary>Receives and splices from streams: what a direction that spins makes many of.</summary>
    public long Takes { get; set; }

    /// <summary>Pipes that a direction kept while its target was slow.</summary>
    public int KeptPipes { get; set; }

    /// <summary>Whether a splice was refused, which is for good.</summary>
    public bool SpliceRefused { get; private set; }

    /// <summary>How many descriptors there are; each stream and the spare take one.</summary>
    public int DescriptorsMax { get; set; } = int.MaxValue;

    /// <summary>Descriptors in use, the spare not counted.</summary>
    public int Descriptors { get; private set; }

    /// <summary>Streams that are rented, or closed with operations in flight.</summary>
    public int OpenStreams { get; private set; }

    /// <summary>Accepted streams that were neither adopted nor closed yet.</summary>
    public int Undecided { get; private set; }

    public bool SpareHeld => _spareHeld;

    /// <summary>
    /// Called when a call has moved bytes or found the end of the stream, when a send in flight has moved bytes, or when an operation has
    /// completed with reason: the session is not idle.
    /// </summary>
    public Action<IStreamOwner>? Active { get; set; }

    /// <summary>Called when a session takes a client.</summary>
    public Action<IStreamOwner, SimEnd>? Adopted { get; set; }

    /// <summary>Called when a session closes a stream on which something waits.</summary>
    public Action<IStreamOwner, Unheard>? ClosedWaiting { get; set; }

    /// <summary>Throws at a step that a test has chosen; called with the step's name.</summary>
    public Action<string>? Defect { get; set; }

    /// <summary>Called at each connect that the engine begins.</summary>
    public Action<IStreamOwner, SimHost>? Connecting { get; set; }

    public bool HasDescriptor => (long)Descriptors + (_spareHeld ? 1 : 0) < DescriptorsMax;

    public void Add(SimHost host) => _hosts.Add(host.Address.Text, host);

    public SimHost Find(string address) => _hosts[address];

    public StreamSocket Rent()
    {
        Defect?.Invoke("rent");
        OpenStreams++;
        return new SimStream(_world, this);
    }

    /// <summary>A stream for a connection that leaves the queue of a listening socket; it has its descriptor already.</summary>
    public SimStream Take(SimEnd end)
    {
        OpenStreams++;
        Undecided++;
        return new SimStream(_world, this, end);
    }

    /// <summary>An accepted stream was adopted or closed.</summary>
    public void OnDecided() => Undecided--;

    public ListenSocket Listen(BoundListener bound, IAcceptOwner owner)
    {
        SimListenSocket socket = _world.Transports.SocketOf(bound);
        socket.Own(owner);
        return socket;
    }

    public bool ReleaseSpare()
    {
        if (!_spareHeld) return false;
        _spareHeld = false;
        return true;
    }

    public bool TryRestoreSpare()
    {
        if (!_spareHeld) _spareHeld = Descriptors < DescriptorsMax;
        return _spareHeld;
    }

    public void Close() => ReleaseSpare();

    /// <summary>Whether the next splice is refused.</summary>
    public bool RefusesSplice()
    {
        if (_world.Chance(_world.Faults.SpliceRefused)) SpliceRefused = true;
        return SpliceRefused;
    }

    /// <summary>Takes a descriptor, if there is one.</summary>
    public SocketError TryTakeDescriptor()
    {
        if (!HasDescriptor) return SocketError.TooManyOpenSockets;
        Descriptors++;
        return SocketError.Success;
    }

    public void ReleaseDescriptor() => Descriptors--;

    public void OnDrained() => OpenStreams--;
}
