using System.Buffers;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Connections;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>
/// The one connection of a probe, its time and its bounds; used again for each probe of a check. One task uses it; the timer and the code
/// that stops the probe close its socket from other threads, which ends whatever waits on it. So no operation needs its own token or timer.
/// </summary>
/// <remarks>
/// A socket is closed by a reset, HAProxy's default for checks too: neither the origin nor this machine keeps it in TIME_WAIT, whose
/// local ports a check of many upstreams at one address would use up. To servers it looks like a client that leaves after the answer. A
/// connection that ends in order does so however its probe ends: a server that hung finds those of all the probes that timed out.
/// </remarks>
internal sealed partial class ProbeConnection : IDisposable
{
    private const int AnswerBytesMax = HeaderSignRule.AnswerBytesMax;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly int _receivedMax;
    private readonly bool _endsInOrder;
    private readonly ITimer _timer;
    private readonly SocketOperation _receiving = new();
    private readonly SocketOperation _sending = new();
    private CancellationTokenRegistration _stopping;
    private volatile Socket? _socket;
    private long _start;
    private byte[]? _answerBegin;
    private bool _isRunning;
    private bool _isDisposed;

    /// <param name="timeout">How long a probe may take, all in all.</param>
    /// <param name="receivedMax">The most bytes that are read, in all.</param>
    /// <param name="endsInOrder">Whether it is closed in order, and not by a reset.</param>
    public ProbeConnection(TimeProvider time, TimeSpan timeout, int receivedMax, bool endsInOrder)
    {
        _endsInOrder = endsInOrder;
        _time = time;
        _timeout = timeout;
        _receivedMax = receivedMax;
        // The timer would hold the context of the code that made the probe for as long as it lives.
        using (ExecutionContext.SuppressFlow())
            _timer = time.CreateTimer(static connection => ((ProbeConnection)connection!).OnTimer(), this, Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan);
    }

    public ProbePhase Phase { get; set; }

    /// <summary>Why it was closed from this side before its work was done.</summary>
    public ProbeEnd End { get; private set; }

    /// <summary>Whether the other side has ended its direction.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>What the last operation that failed has failed with; <see cref="SocketError.Success"/> when none has.</summary>
    public SocketError Error { get; private set; }

    /// <summary>The most bytes that are read, in all.</summary>
    public int ReceivedMax => _receivedMax;

    /// <summary>The bytes received by now.</summary>
    public int Received { get; private set; }

    /// <summary>The PROXY header that was sent first.</summary>
    public CheckProxyHeader Header { get; private set; }

    /// <summary>The first bytes received, where a header was sent; until the end of the probe.</summary>
    public ReadOnlySpan<byte> AnswerBegin => _answerBegin.AsSpan(0, Math.Min(Received, _answerBegin is null ? 0 : AnswerBytesMax));

    /// <summary>The ends of the connection; null when it has been closed.</summary>
    public (EndPoint? Local, EndPoint? Remote)? Ends
    {
        get
        {
            try
            {
                return _socket is { } socket ? (socket.LocalEndPoint, socket.RemoteEndPoint) : null;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return null;
            }
        }
    }

    /// <summary>Starts the clock of a probe.</summary>
    /// <exception cref="ObjectDisposedException">It has been disposed of.</exception>
    /// <exception cref="InvalidOperationException">The probe before has not ended.</exception>
    public void Begin(CancellationToken stop)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_isRunning) throw new InvalidOperationException("the probe before has not ended");
            Phase = ProbePhase.Connect;
            End = ProbeEnd.None;
            IsEnded = false;
            Error = SocketError.Success;
            Received = 0;
            Header = CheckProxyHeader.None;
            _start = _time.GetTimestamp();
            _limit = _timeout;
            _lost = TimeSpan.Zero;
            _hasGrace = HadGap = false;
            _isRunning = true;
            SetTimer();
        }
        // Outside the lock: a token that is cancelled already calls back at once.
        _stopping = stop.UnsafeRegister(static connection => ((ProbeConnection)connection!).Abort(ProbeEnd.Stopped), this);
    }

    /// <summary>Ends the probe and closes what is open.</summary>
    public void Finish()
    {
        _stopping.Dispose();
        Close();
        if (_answerBegin is { } begin) ArrayPool<byte>.Shared.Return(begin);
        _answerBegin = null;
        lock (_gate)
        {
            NoteGap();
            _isRunning = false;
            if (_isDisposed)
            {
                DisposeOperations();
                return;
            }
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            // Two buffers of the HTTP client, two thirds of what a waiting probe would hold.
            _receiving.Release();
            _sending.Release();
        }
    }

    /// <summary>Receives the next bytes; 0 at the end, negative when it failed or the bound is passed.</summary>
    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        if (_socket is not { } socket) return SocketOperation.Failed;
        // One byte beyond the bound, to tell an answer that just fits from a longer one.
        int room = Math.Min(buffer.Length, _receivedMax + 1 - Received);
        int count = await _receiving.ReceiveAsync(socket, buffer[..room]);
        if (count <= 0)
        {
            if (count == 0) IsEnded = End == ProbeEnd.None;
            else Error = _receiving.SocketError;
            return count;
        }
        KeepBegin(buffer.Span[..count]);
        Received += count;
        if (Received <= _receivedMax) return count;
        Abort(ProbeEnd.TooLarge);
        return SocketOperation.Failed;
    }

    /// <summary>Sends all; false when it failed.</summary>
    public async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_socket is not { } socket) return false;
            int count = await _sending.SendAsync(socket, bytes);
            if (count <= 0)
            {
                Error = _sending.SocketError;
                return false;
            }
            bytes = bytes[count..];
        }
        return true;
    }

    /// <summary>Sends the header, the first bytes of the connection; false when it failed.</summary>
    public async ValueTask<bool> SendHeaderAsync(CheckProxyHeader version, ReadOnlyMemory<byte> header)
    {
        if (!await SendAsync(header)) return false;
        Header = version;
        return true;
    }

    /// <summary>Closes the socket. Any thread.</summary>
    public void Close()
    {
        Socket? socket;
        lock (_gate)
        {
            socket = _socket;
            _socket = null;
        }
        socket?.Dispose();
    }

    /// <summary>Any thread; a probe under way is stopped.</summary>
    public void Dispose()
    {
        Abort(ProbeEnd.Stopped);
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            _timer.Dispose();
            // A probe under way still waits on them; its end disposes of them.
            if (!_isRunning) DisposeOperations();
        }
    }

    private void KeepBegin(ReadOnlySpan<byte> received)
    {
        if (Header == CheckProxyHeader.None || Received >= AnswerBytesMax) return;
        _answerBegin ??= ArrayPool<byte>.Shared.Rent(AnswerBytesMax);
        received[..Math.Min(received.Length, AnswerBytesMax - Received)].CopyTo(_answerBegin.AsSpan(Received));
    }

    private void DisposeOperations()
    {
        _receiving.Dispose();
        _sending.Dispose();
    }

    private bool TryTake(Socket socket, int left)
    {
        lock (_gate)
        {
            if (_isRunning && End == ProbeEnd.None)
            {
                _socket = socket;
                if (left > 1)
                {
                    NoteGap();
                    TimeSpan had = Had;
                    SetLimit(had + ((_timeout - had) / left));
                }
                else if (_limit != _timeout)
                {
                    SetLimit(_timeout);
                }
                return true;
            }
        }
        socket.Dispose();
        return false;
    }

    private void Abort(ProbeEnd end)
    {
        lock (_gate)
        {
            if (!_isRunning) return;
            if (End == ProbeEnd.None) End = end;
        }
        Interrupt();
    }

    /// <summary>
    /// Ends what waits on the socket. The runtime resets a connection that is closed under an operation or under a call of another thread.
    /// So one that is to end in order is shut down, which completes the operation, and closed at the probe's end; the lock keeps that
    /// close out until the call has returned. Any thread.
    /// </summary>
    private void Interrupt()
    {
        lock (_gate)
        {
            try
            {
                if (_endsInOrder && _socket is { Connected: true } socket)
                {
                    socket.Shutdown(SocketShutdown.Both);
                    return;
                }
            }
            catch (SocketException)
            {
                // The peer has reset it.
            }
        }
        Close();
    }
}
