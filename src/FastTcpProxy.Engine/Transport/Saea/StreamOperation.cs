using System.Net.Sockets;
using FastTcpProxy.Engine.Loop;

namespace FastTcpProxy.Engine.Transport.Saea;

/// <summary>
/// An operation of the runtime, pooled and used again. Its completion may arrive on any thread and enters the loop from there.
/// Execution-context flow is off: nothing here depends on it, and capturing it costs an allocation.
/// </summary>
internal abstract class StreamOperation : SocketAsyncEventArgs, ILoopItem
{
    private readonly EventLoop _loop;

    // The parameter must be given by position: its name differs between the reference assembly and the documentation.
    protected StreamOperation(EventLoop loop)
        : base(true) => _loop = loop;

    public ILoopItem? NextQueued { get; set; }

    /// <summary>Set when the operation could not even be submitted.</summary>
    public SocketError SubmitError { get; set; }

    /// <summary>How the operation ended.</summary>
    public SocketError Result => SubmitError == SocketError.Success ? SocketError : SubmitError;

    public abstract void Run();

    public abstract void OnFault(Exception fault);

    protected sealed override void OnCompleted(SocketAsyncEventArgs e) => _loop.Dispatch(this);
}
