using System.Net.Sockets;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Sessions;

/// <content>
/// Reading the PROXY header of a balancer in front. Exactly the header's bytes are taken from the socket: payload behind it stays in the
/// kernel until there is an upstream. Header bytes that arrive in pieces are kept in a chunk; its size is bounded by the largest header.
/// </content>
internal sealed partial class Session
{
    /// <summary>This many bytes of TLVs fit beside any addresses and a checksum.</summary>
    private const int TlvsAlwaysFit = ProxyHeaderEncoder.MaxV2Length - ProxyHeaderEncoder.V2IPv6Length - ProxyHeaderEncoder.Crc32CTlvLength;

    private AcceptProxyDefinition AcceptProxy => _service!.AcceptProxy!;

    private StepResult BeginHeader()
    {
        Become(SessionState.ReadingHeader);
        _context.Loop.Timers.Schedule(this, HeaderDeadlineMs);
        return ReadHeader();
    }

    private long HeaderDeadlineMs => _context.Loop.ToMs(_startedUs) + (long)AcceptProxy.Timeout.TotalMilliseconds;

    private StepResult OnHeaderTimeout()
    {
        // After too many false reports it does not wait.
        bool hasCome = _fruitlessReads < RelayDirection.FruitlessMax && _client!.IsReadable();
        return TryPutOff(HeaderDeadlineMs, hasCome) ? StepResult.Stay : EndHeader(EndParty.Proxy, EndCause.TimedOut);
    }

    private static StepResult EndHeader(EndParty party, EndCause cause) => StepResult.EndByReset(party, EndPhase.Header, cause);

    private StepResult OnHeaderReadable(SocketError error) => error == SocketError.Success ? ReadHeader() : BreakHeader(error);

    private static StepResult BreakHeader(SocketError error) =>
        StepResult.End(FailureTable.OfStream(error).ToReason(EndParty.Client, EndPhase.Header), reset: true);

    private StepResult ReadHeader()
    {
        while (true)
        {
            Span<byte> room = _context.Loop.Buffers.ReceiveBuffer.Span;
            int had = _headerBytes;
            _headerChunk?.Span[..had].CopyTo(room);
            IoResult seen = _client!.Peek(room[had..]);
            if (seen.WouldBlock)
            {
                // What had come in time is read, and it was not all.
                if (IsPutOff(HeaderDeadlineMs)) return EndHeader(EndParty.Proxy, EndCause.TimedOut);
                // A client that is reported readable again and again, and is not, is left to the timeout.
                if (++_fruitlessReads >= RelayDirection.FruitlessMax) return StepResult.Stay;
                IoStatus wait = _client.WaitReadable();
                if (wait == IoStatus.Pending) return StepResult.Stay;
                if (wait == IoStatus.Failed) return BreakHeader(_client.LastError);
                continue;
            }
            if (!seen.IsSuccess) return BreakHeader(seen.Error);
            if (seen.Bytes == 0) return EndHeader(EndParty.Client, EndCause.Closed);
            ProxyDecodeStatus status = ProxyHeaderDecoder.Decode(room[..(had + seen.Bytes)], out ProxyHeader header, out _headerError);
            if (status == ProxyDecodeStatus.Invalid) return EndHeader(EndParty.Client, EndCause.InvalidHeader);
            // While the header is incomplete, all received bytes belong to it.
            int wanted = status == ProxyDecodeStatus.Complete ? header.Length - had : seen.Bytes;
            IoResult taken = _client.Receive(room.Slice(had, wanted));
            if (taken.Bytes == 0)
            {
                // The bytes that were seen cannot be read: the connection broke in between, and the next receive says so.
                if (++_fruitlessReads >= RelayDirection.FruitlessMax) return StepResult.Stay;
                continue;
            }
            _fruitlessReads = 0;
            if (status == ProxyDecodeStatus.Complete && taken.Bytes == wanted) return OnHeader(header);
            // Without a buffer the session ends: the bytes are taken from the socket and cannot be put back.
            if (!KeepHeaderBytes(room[..(had + taken.Bytes)])) return EndHeader(EndParty.Proxy, EndCause.NoBuffer);
        }
    }

    /// <summary>Returns whether there was a buffer for them.</summary>
    private bool KeepHeaderBytes(ReadOnlySpan<byte> bytes)
    {
        if (_headerChunk is null || _headerChunk.Size < bytes.Length)
        {
            BufferChunk? larger = _buffers!.TryRent(BufferPool.ClassFor(bytes.Length));
            if (larger is null) return false;
            BufferChunk? smaller = _headerChunk;
            _headerChunk = larger;
            if (smaller is not null) _context.Loop.Buffers.Return(smaller);
        }
        bytes.CopyTo(_headerChunk.Span);
        _headerBytes = bytes.Length;
        return true;
    }

    private StepResult OnHeader(in ProxyHeader header)
    {
        _headerUs = _context.Loop.NowUs - _startedUs;
        _context.Loop.Timers.Cancel(this);
        bool kept = KeepTlvs(header);
        // LOCAL, UNKNOWN, UNSPEC and UNIX name no client: then the connection's own end points count.
        (InetEndPoint Source, InetEndPoint Destination)? forwarded =
            header.HasInetAddresses ? (header.Source.Unmap(), header.Destination.Unmap()) : null;
        ReturnHeaderChunk();
        if (!kept) return EndHeader(EndParty.Proxy, EndCause.NoBuffer);
        if (_tlvBytes > TlvsAlwaysFit && SpeaksV2() && _tlvBytes > RoomForTlvs(forwarded))
            return EndHeader(EndParty.Client, EndCause.HeaderTooLong);
        AdmissionVerdict verdict = JudgeNamed(forwarded?.Source ?? default);
        return verdict == AdmissionVerdict.Serve
            ? BeginConnect(forwarded)
            : StepResult.End(EndReason.Refused(verdict), reset: _service!.Guards?.OnRefuse != RefusalAction.Close);
    }

    /// <summary>A header that names no client comes from the balancer itself, which is trusted.</summary>
    private AdmissionVerdict JudgeNamed(InetEndPoint client) => _context.Guards.Concerns(_service!.Guards)
        ? _context.Guards.Judge(AdmissionFacts.OfNamedClient, _service!.Guards, _serviceState!.Guarded, client, _context.Loop.SharedUs,
            _context.Loop.Index, out _ticket)
        : Admission.Decide(AdmissionFacts.OfNamedClient);

    /// <summary>The room for TLVs in our header of version 2. An upstream that relies on TLVs and a checksum gets them, or no
    /// session.</summary>
    private int RoomForTlvs((InetEndPoint Source, InetEndPoint Destination)? forwarded)
    {
        (InetEndPoint source, InetEndPoint destination) = forwarded ?? (_peer, OwnDestination());
        int addressed = (source.Family, destination.Family) switch
        {
            (EndPointFamily.InterNetwork, EndPointFamily.InterNetwork) => ProxyHeaderEncoder.V2IPv4Length,
            (EndPointFamily.Unspecified, _) or (_, EndPointFamily.Unspecified) => ProxyHeaderEncoder.MinV2Length,
            _ => ProxyHeaderEncoder.V2IPv6Length,
        };
        return ProxyHeaderEncoder.MaxV2Length - addressed - (AcceptProxy.AddCrc32C ? ProxyHeaderEncoder.Crc32CTlvLength : 0);
    }

    private bool SpeaksV2()
    {
        foreach (UpstreamDefinition upstream in _service!.Upstreams)
        {
            if (upstream.Mode == HeaderMode.ProxyV2) return true;
        }
        return false;
    }

    /// <summary>Returns whether there was a buffer for them.</summary>
    private bool KeepTlvs(in ProxyHeader header)
    {
        if (AcceptProxy.PassTlvs.IsEmpty || header.Version != 2) return true;
        BufferChunk? chunk = _buffers!.TryRent(BufferPool.ClassFor(header.Length + UniqueIdTlvLengthMax));
        if (chunk is null) return false;
        _tlvChunk = chunk;
        TlvWriter writer = new(chunk.Span);
        bool isNamed = false;
        foreach (Tlv tlv in header.Tlvs)
        {
            if (!AcceptProxy.PassTlvs.Contains((byte)tlv.Type)) continue;
            writer.TryAdd(tlv.Type, tlv.Value);
            isNamed |= tlv.Type == TlvType.UniqueId;
        }
        // Alone it needs no buffer. One that has no room leaves no room for the addresses either: the session ends by HeaderTooLong.
        bool fits = isNamed || writer.Length == 0 || !_service!.SendUniqueId || AddUniqueId(ref writer);
        _tlvBytes = fits ? writer.Length : TlvWriter.MaxBlockLength;
        if (_tlvBytes == 0) ReturnTlvChunk();
        return true;
    }

    private void ReturnHeaderChunk()
    {
        if (_headerChunk is not { } chunk) return;
        _headerChunk = null;
        _headerBytes = 0;
        _context.Loop.Buffers.Return(chunk);
    }

    private void ReturnTlvChunk()
    {
        if (_tlvChunk is not { } chunk) return;
        _tlvChunk = null;
        _tlvBytes = 0;
        _context.Loop.Buffers.Return(chunk);
    }
}
