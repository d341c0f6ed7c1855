using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Testing.Simulation;

/// <summary>A simulated address to which the engine can connect, and what becomes of it. One thread; owned by the scenario.</summary>
internal sealed class SimHost(int index, ConnectBehavior behavior)
{
    /// <summary>Its place among the scenario's hosts.</summary>
    public int Index { get; } = index;

    /// <summary>What it answers; a scenario may change it as it runs.</summary>
    public ConnectBehavior Behavior { get; set; } = behavior;

    /// <summary>A UNIX socket when its queue is full at first, else TCP.</summary>
    public UpstreamAddress Address { get; } = behavior == ConnectBehavior.FullQueue
        ? new($"/run/{index}")
        : new(new IPEndPoint(IPAddress.Parse("10.9.0.1"), 1000 + index));

    /// <summary>How long the answer takes, in microseconds.</summary>
    public long DelayUs { get; set; }

    /// <summary>The same for each connect by itself; null: always the same.</summary>
    public Func<long>? NextDelayUs { get; set; }

    /// <summary>Whether the answer is there when the call returns.</summary>
    public bool IsSynchronous { get; init; }

    /// <summary>Room of each way of its connections, in bytes.</summary>
    public int PipeCapacity { get; init; } = 16 << 10;

    /// <summary>Whether its peers read while their scripts run.</summary>
    public bool Reads { get; set; } = true;

    /// <summary>Source addresses whose ports are used up.</summary>
    public HashSet<uint> ExhaustedSources { get; } = [];

    /// <summary>Called with the host's end of a connection, and the owner that the engine gave.</summary>
    public Action<SimEnd, object>? Accepted { get; init; }

    /// <summary>The error of a connect; success for one that is accepted.</summary>
    public SocketError Error => Behavior switch
    {
        ConnectBehavior.Refuse => SocketError.ConnectionRefused,
        ConnectBehavior.Unreachable => SocketError.HostUnreachable,
        ConnectBehavior.KernelTimeout => SocketError.TimedOut,
        ConnectBehavior.Reset => SocketError.ConnectionReset,
        ConnectBehavior.Strange => SocketError.AccessDenied,
        ConnectBehavior.NoLocalPort => SocketError.AddressNotAvailable,
        ConnectBehavior.NoDescriptor => SocketError.TooManyOpenSockets,
        ConnectBehavior.NoMemory => SocketError.NoBufferSpaceAvailable,
        ConnectBehavior.FullQueue => SocketError.WouldBlock,
        _ => SocketError.Success,
    };

    /// <summary>Whether the error comes from the call itself and never later.</summary>
    public bool FailsInCall => Behavior is ConnectBehavior.NoLocalPort or ConnectBehavior.NoDescriptor or ConnectBehavior.FullQueue;
}
