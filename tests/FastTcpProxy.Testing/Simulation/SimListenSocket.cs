using System.Net.Sockets;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Testing.Simulation;

/// <summary>A simulated listening socket with its queue of connections. Belongs to the loop of its world.</summary>
internal sealed class SimListenSocket(SimWorld world) : ListenSocket
{
    private readonly Queue<SimEnd> _queue = new();
    private readonly Queue<SocketError> _errors = new();
    private IAcceptOwner? _owner;
    private bool _accepting;
    private bool _turnScheduled;

    /// <summary>Connections that wait to be accepted.</summary>
    public int Waiting => _queue.Count;

    public bool IsAccepting => _accepting;

    private bool _closed;

    public override bool IsClosed => _closed;

    /// <summary>Whether another process holds the socket too: then its queue outlives the close.</summary>
    public bool IsShared { get; set; }

    /// <summary>How often the engine asked to accept.</summary>
    public int Accepts { get; private set; }

    public void Own(IAcceptOwner owner) =>
        _owner = _owner is null ? owner : throw new SeamBreachException("two transports took one listening socket");

    public bool IsOwned => _owner is not null;

    /// <summary>A client has connected; its far end waits in the queue, or is reset when no one listens.</summary>
    public void Enqueue(SimEnd end)
    {
        if (IsClosed)
        {
            end.Close(reset: true);
            return;
        }
        _queue.Enqueue(end);
        Wake();
    }

    /// <summary>The next accept fails.</summary>
    public void FailNext(SocketError error)
    {
        _errors.Enqueue(error);
        Wake();
    }

    /// <summary>A connection that the accept in flight had taken when the socket was closed.</summary>
    public void GiveLate(SimEnd end) => world.InLoop(() =>
    {
        if (!_closed) throw new InvalidOperationException("the socket is not closed");
        _ = world.Transport.TryTakeDescriptor();
        _queue.Enqueue(end);
        Give();
    });

    public override void Accept()
    {
        if (IsClosed) throw new SeamBreachException("accept on a closed listening socket");
        if (_accepting) throw new SeamBreachException("accept while accepting");
        Accepts++;
        _accepting = true;
        Wake();
    }

    public override void Claim() => IsShared = false;

    public override void Close()
    {
        if (IsClosed) throw new SeamBreachException("a listening socket was closed twice");
        _closed = true;
        _accepting = false;
        while (!IsShared && _queue.TryDequeue(out SimEnd? end)) end.Close(reset: true);
    }

    public override void Retire()
    {
        if (_closed) throw new SeamBreachException("a closed listening socket is to be emptied");
        _accepting = false;
        while (_queue.Count > 0 && !TryFail(out _))
        {
            if (!Give()) break;
        }
        Close();
    }

    private void Wake()
    {
        if (!_accepting || _turnScheduled || _queue.Count + _errors.Count == 0) return;
        _turnScheduled = true;
        world.ScheduleInProcess(world.CompletionDelay(), () =>
        {
            _turnScheduled = false;
            world.InLoop(Turn);
        });
    }

    private void Turn()
    {
        while (_accepting && !IsClosed && _queue.Count + _errors.Count > 0)
        {
            if (TryFail(out SocketError error))
            {
                _accepting = _owner!.OnAcceptFailed(error) && !IsClosed;
                continue;
            }
            _accepting = Give() && !IsClosed;
        }
    }

    private bool Give()
    {
        SimEnd end = _queue.Dequeue();
        bool goOn = _owner!.OnAccepted(new AcceptedConnection(world.Transport.Take(end), end.Remote));
        if (world.Transport.Undecided != 0) throw new SeamBreachException("an accepted connection was neither adopted nor refused");
        return goOn;
    }

    private bool TryFail(out SocketError error)
    {
        if (_errors.TryDequeue(out error)) return true;
        error = world.Chance(world.Faults.AcceptFails) ? SocketError.ConnectionAborted : world.Transport.TryTakeDescriptor();
        return error != SocketError.Success;
    }
}
