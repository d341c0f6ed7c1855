using System.Net.Sockets;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Testing.Simulation;

/// <content>
/// How a simulated stream begins. A host accepts when the last packet of the handshake comes to it, which can be held: then nothing is
/// accepted of a connection that is reset before.
/// </content>
internal sealed partial class SimStream
{
    public override void Adopt(IStreamOwner owner)
    {
        if (_state == State.Connecting)
        {
            Owner = owner;
            return;
        }
        Expect(_isUndecided, "a stream was adopted that was not accepted, or is decided already");
        _transport.Defect?.Invoke("adopt");
        Decide();
        Owner = owner;
        _transport.Adopted?.Invoke(owner, _end!);
    }

    public override IoStatus Connect(IStreamOwner owner, UpstreamAddress target, InetEndPoint source, HandshakeEnd handshake)
    {
        Expect(_state == State.Fresh, "connect while in use");
        _host = _transport.Find(target.Text);
        _handshake = handshake;
        _state = State.Failed;
        LastError = _transport.TryTakeDescriptor();
        if (LastError != SocketError.Success) return IoStatus.Failed;
        _hasDescriptor = true;
        _transport.Connecting?.Invoke(owner, _host);
        LastError = _host.ExhaustedSources.Contains(source.AddressV4) ? SocketError.AddressNotAvailable : _host.Error;
        bool fails = LastError != SocketError.Success;
        if (fails && (_host.FailsInCall || _host.IsSynchronous || LastError == SocketError.AddressNotAvailable)) return IoStatus.Failed;
        Owner = owner;
        if (!fails && _host.IsSynchronous && _host.Behavior == ConnectBehavior.Accept)
        {
            Join();
            Active();
            return IoStatus.Done;
        }
        _state = State.Connecting;
        _connectError = LastError;
        _connect.Start();
        long delayUs = _host.NextDelayUs?.Invoke() ?? _host.DelayUs;
        if (_host.Behavior != ConnectBehavior.Silent) _world.Schedule(delayUs, () => _connect.Finish());
        return IoStatus.Pending;
    }

    public override void Acknowledge()
    {
        Expect(_state == State.Connected, "an acknowledgement on a stream that is not connected");
        EndHandshake();
    }

    private void Join()
    {
        (SimEnd near, SimEnd far) = SimEnd.Connect(
            _world, _host!.PipeCapacity, InetEndPoint.FromIPv4(0x0A090002, (ushort)(20_000 + _world.Next(40_000))), _host.Address.Inet);
        Attach(near);
        _held = far;
        if (_handshake != HandshakeEnd.Held) EndHandshake();
    }

    private void EndHandshake()
    {
        if (_held is not { } far) return;
        _held = null;
        _host!.Accepted?.Invoke(far, Owner!);
    }
}
