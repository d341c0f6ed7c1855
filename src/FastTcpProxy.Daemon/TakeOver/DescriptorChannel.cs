using System.Buffers.Binary;
using System.Net.Sockets;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Sockets;
using FastTcpProxy.Engine.Transport.Linux;
using static FastTcpProxy.Daemon.TakeOver.TakeOverNative;
using static FastTcpProxy.Engine.Transport.Linux.Errno;
using static FastTcpProxy.Engine.Transport.Linux.SocketConstants;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>
/// A connected UNIX stream socket that carries a document, descriptors (SCM_RIGHTS, unix(7)) and single bytes. Each operation blocks its
/// thread, within a bound, so no loop and no thread that others need may call it. One thread at a time; it owns the socket, and descriptors
/// only between their arrival and its return.
/// </summary>
internal sealed unsafe class DescriptorChannel : IDisposable
{
    private const int LengthBytes = 4;

    /// <summary>Data follows the header, both aligned to a word (cmsg(3)).</summary>
    private static readonly int HeaderBytes = Align(sizeof(ControlHeader));

    private readonly Socket _socket;
    private readonly int _fd;
    private readonly int _stop;

    /// <param name="socket">Connected.</param>
    /// <param name="stop">A descriptor that ends every wait when it is readable; negative for none.</param>
    public DescriptorChannel(Socket socket, int stop = -1)
    {
        _socket = socket;
        _fd = (int)socket.Handle;
        _stop = stop;
    }

    /// <summary>Who is at the other end; a user that does not exist, where the kernel does not say.</summary>
    public PeerCredentials Peer => PeerCredentials.Read(_socket) ?? new PeerCredentials(0, uint.MaxValue, uint.MaxValue);

    /// <summary>Whether the other side has closed, or says more than it should.</summary>
    public bool HasEnded
    {
        get
        {
            byte next;
            IoVector vector = new() { Base = &next, Length = 1 };
            MessageHeader message = new() { Vectors = &vector, VectorsCount = 1 };
            return recvmsg(_fd, &message, MsgDontWait | MsgPeek) >= 0 || LastError is not (Eagain or Eintr);
        }
    }

    /// <summary>Whether what ends every wait has been raised: also when there is nothing to wait for.</summary>
    public bool IsStopped => _stop >= 0 && IsReadable(_stop, 0);

    /// <summary>Sends a document after its length, 4 bytes, the most significant first.</summary>
    public void SendDocument(ReadOnlySpan<byte> document, TimeBound bound)
    {
        byte[] framed = new byte[LengthBytes + document.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed, document.Length);
        document.CopyTo(framed.AsSpan(LengthBytes));
        Send(framed, [], bound);
    }

    /// <summary>Receives a document of at most <see cref="TakeOverLimits.DocumentBytesMax"/> bytes.</summary>
    public byte[] ReceiveDocument(TimeBound bound)
    {
        byte[] prefix = new byte[LengthBytes];
        ReceiveWhole(prefix, bound);
        int length = BinaryPrimitives.ReadInt32BigEndian(prefix);
        if (length is <= 0 or > TakeOverLimits.DocumentBytesMax)
            throw new TakeOverException(
                $"the length of the document is {length}, expected 1 to {TakeOverLimits.DocumentBytesMax}; is it a fasttcpproxy?");
        byte[] document = new byte[length];
        ReceiveWhole(document, bound);
        return document;
    }

    /// <summary>Sends descriptors, as many in a message as it may hold; its one byte says how many. They stay open here.</summary>
    public void SendDescriptors(ReadOnlySpan<int> descriptors, TimeBound bound)
    {
        Span<byte> count = stackalloc byte[1];
        for (int at = 0; at < descriptors.Length; at += TakeOverLimits.BatchMax)
        {
            ReadOnlySpan<int> batch = descriptors[at..Math.Min(descriptors.Length, at + TakeOverLimits.BatchMax)];
            count[0] = (byte)batch.Length;
            Send(count, batch, bound);
        }
    }

    /// <summary>Receives exactly <paramref name="count"/> descriptors, which no child will inherit.</summary>
    /// <exception cref="TakeOverException">They did not come, or others; what came is closed.</exception>
    public ReceivedDescriptors ReceiveDescriptors(int count, TimeBound bound)
    {
        ReceivedDescriptors all = new(count);
        try
        {
            while (all.Count < count) ReceiveBatch(all, Math.Min(TakeOverLimits.BatchMax, count - all.Count), bound);
            return all;
        }
        catch
        {
            all.Dispose();
            throw;
        }
    }

    public void SendByte(byte value, TimeBound bound) => Send([value], [], bound);

    /// <summary>The next byte; null when the other side has closed.</summary>
    public byte? ReceiveByte(TimeBound bound)
    {
        Span<byte> one = stackalloc byte[1];
        return Receive(one, bound) == 0 ? null : one[0];
    }

    public void Dispose() => _socket.Dispose();

    private void Send(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors, TimeBound bound)
    {
        int controlBytes = descriptors.IsEmpty ? 0 : HeaderBytes + Align(descriptors.Length * sizeof(int));
        nuint* aligned = stackalloc nuint[controlBytes / sizeof(nuint) + 1];
        byte* control = (byte*)aligned;
        if (!descriptors.IsEmpty)
        {
            *(ControlHeader*)control = new ControlHeader
            {
                Length = (nuint)(HeaderBytes + descriptors.Length * sizeof(int)), Level = SolSocket, Type = ScmRights,
            };
            descriptors.CopyTo(new Span<int>(control + HeaderBytes, descriptors.Length));
        }
        fixed (byte* p = bytes)
        {
            for (int at = 0; at < bytes.Length;)
            {
                IoVector vector = new() { Base = p + at, Length = (nuint)(bytes.Length - at) };
                // The descriptors go with the first byte.
                MessageHeader message = new()
                {
                    Vectors = &vector, VectorsCount = 1, Control = at == 0 ? control : null,
                    ControlLength = at == 0 ? (nuint)controlBytes : 0,
                };
                nint sent = sendmsg(_fd, &message, MsgDontWait | MsgNoSignal);
                if (sent > 0) at += (int)sent;
                else WaitAfter(LastError, PollFd.Out, bound);
            }
        }
    }

    private void ReceiveWhole(Span<byte> bytes, TimeBound bound)
    {
        for (int at = 0; at < bytes.Length;)
        {
            int received = Receive(bytes[at..], bound);
            if (received == 0) throw Closed();
            at += received;
        }
    }

    /// <summary>
    /// The next bytes, 0 at the end. Descriptors that come with it unasked the kernel closes, since there is no room for them.
    /// </summary>
    private int Receive(Span<byte> bytes, TimeBound bound)
    {
        fixed (byte* p = bytes)
        {
            IoVector vector = new() { Base = p, Length = (nuint)bytes.Length };
            while (true)
            {
                MessageHeader message = new() { Vectors = &vector, VectorsCount = 1 };
                nint received = recvmsg(_fd, &message, MsgDontWait | MsgCloseOnExec);
                if (received >= 0) return (int)received;
                WaitAfter(LastError, PollFd.In, bound);
            }
        }
    }

    private void ReceiveBatch(ReceivedDescriptors into, int expected, TimeBound bound)
    {
        byte count = 0;
        IoVector vector = new() { Base = &count, Length = 1 };
        // Room for what is expected and no more: what is beyond the kernel closes, and says so.
        int room = HeaderBytes + expected * sizeof(int);
        nuint* aligned = stackalloc nuint[room / sizeof(nuint) + 1];
        byte* control = (byte*)aligned;
        MessageHeader message;
        nint received;
        while (true)
        {
            message = new() { Vectors = &vector, VectorsCount = 1, Control = control, ControlLength = (nuint)room };
            received = recvmsg(_fd, &message, MsgDontWait | MsgCloseOnExec);
            if (received >= 0) break;
            WaitAfter(LastError, PollFd.In, bound);
        }
        // First of all they get an owner.
        int came = Collect(control, (int)message.ControlLength, into);
        if ((message.Flags & MsgControlTruncated) != 0)
        {
            throw new TakeOverException(
                $"only {came} of the descriptors of a message arrived: this process may not have more, or the other one sent too many; "
                + "raise the limit (LimitNOFILE, ulimit -n)");
        }
        if (received == 0) throw Closed();
        if (came != expected || count != expected)
            throw new TakeOverException($"{Counted.Of(came, "descriptor")} arrived, announced: {count}, expected: {expected}");
    }

    /// <summary>Gives the descriptors in a control buffer to their owner; returns how many.</summary>
    private static int Collect(byte* control, int length, ReceivedDescriptors into)
    {
        int came = 0;
        for (int at = 0; at + HeaderBytes <= length;)
        {
            ControlHeader* header = (ControlHeader*)(control + at);
            int bytes = Math.Min((int)header->Length, length - at) - HeaderBytes;
            if (bytes < 0) break;
            if (header->Level == SolSocket && header->Type == ScmRights)
            {
                ReadOnlySpan<int> descriptors = new(control + at + HeaderBytes, bytes / sizeof(int));
                foreach (int fd in descriptors) into.Add(fd);
                came += descriptors.Length;
            }
            at += HeaderBytes + Align(bytes);
        }
        return came;
    }

    /// <summary>Waits for what a call that failed lacks; throws when it will not come.</summary>
    private void WaitAfter(int error, short events, TimeBound bound)
    {
        if (error == Eintr) return;
        if (error is Epipe or Econnreset) throw Closed();
        if (error != Eagain) throw new TakeOverException($"the connection of the take-over failed (errno {error})");
        Span<PollFd> polled = [new(_fd, events), new(_stop, PollFd.In)];
        while (true)
        {
            int remaining = bound.RemainingMs;
            int ready = NativeDescriptor.Poll(polled, remaining);
            if (ready == -Eintr) continue;
            if (ready < 0) throw new TakeOverException($"the connection of the take-over cannot be waited for (errno {-ready})");
            if (polled[1].Returned != 0) throw TakeOverException.Stopped();
            if (ready > 0) return;
            if (remaining == 0) throw TakeOverException.PeerSilent();
        }
    }

    private static TakeOverException Closed() => TakeOverException.PeerClosed();

    private static int Align(int bytes) => (bytes + sizeof(nuint) - 1) & -sizeof(nuint);
}
