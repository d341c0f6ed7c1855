using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>
/// Goes through the steps of a check on a connection that is open, one after the other. One task; it owns its buffers until it is disposed
/// of.
/// </summary>
/// <param name="encrypted">TLS on the connection; null without.</param>
internal sealed class Dialogue(ProbeConnection connection, SslStream? encrypted) : IDisposable
{
    /// <summary>The longest packet of a binary protocol that is read: greetings and errors have some hundred bytes.</summary>
    public const int PacketBytesMax = 4096;

    /// <summary>What has come since the last send, for the steps that search it.</summary>
    private ContentScan? _scan;

    /// <summary>The step that is under way; the whole has failed in it, or it is over.</summary>
    public async ValueTask<ProbeOutcome?> RunAsync(DialogueStep step)
    {
        ProbeOutcome? failure = step switch
        {
            SendStep send => await SendAsync(send.Bytes),
            ExpectStep expect => await ExpectAsync(expect.Pattern),
            PacketStep packets => await ReadPacketsAsync(packets.Read),
            _ => throw new InvalidOperationException("no such step"),
        };
        return failure is { } bad && step.Name.Length > 0 ? bad with { Text = $"{step.Name}: {bad.Text}" } : failure;
    }

    public void Dispose() => Forget();

    private void Forget()
    {
        _scan?.Dispose();
        _scan = null;
    }

    private async ValueTask<ProbeOutcome?> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        Forget();
        if (encrypted is null) return await connection.SendAsync(bytes) ? null : AnswerFailures.Describe(connection);
        try
        {
            await encrypted.WriteAsync(bytes);
            return null;
        }
        catch (Exception e) when (e is IOException or AuthenticationException or ObjectDisposedException)
        {
            return AnswerFailures.Explain(connection) ? AnswerFailures.Describe(connection) : TlsClient.Describe(e);
        }
    }

    /// <summary>The number of bytes, 0 at the end; negative when the connection has failed.</summary>
    private async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        if (encrypted is null) return await connection.ReceiveAsync(buffer);
        try
        {
            return await encrypted.ReadAsync(buffer);
        }
        catch (Exception e) when (e is IOException or AuthenticationException or ObjectDisposedException)
        {
            return -1;
        }
    }

    private async ValueTask<ProbeOutcome?> ExpectAsync(ContentPattern pattern)
    {
        ContentScan scan = new(pattern);
        ContentScan? before = _scan;
        _scan = scan;
        bool isFound = before is not null && Repeat(before.Seen, scan);
        before?.Dispose();
        if (isFound) return null;
        while (!scan.IsFull)
        {
            int count = await ReceiveAsync(scan.Free);
            if (count > 0)
            {
                if (scan.Take(count)) return null;
                continue;
            }
            // The time may be over because an expression that must see the end still waits for it.
            return scan.Complete() && connection.End is ProbeEnd.None or ProbeEnd.Timeout ? null : DescribeMissing(pattern, scan);
        }
        // An expression that looks at the end must know whether this is one.
        if (scan.HasMatch()) return null;
        if (await ReceiveAsync(new byte[1]) > 0 || connection.End == ProbeEnd.TooLarge)
            return new(ProbeFailure.TooLarge,
                $"the first {ByteText.Of(ProbeLimits.ContentBytesMax)} of the answer do not contain {Wording.Quote(pattern.Text)}");
        return scan.Complete() && connection.End is ProbeEnd.None or ProbeEnd.Timeout ? null : DescribeMissing(pattern, scan);
    }

    /// <summary>Searches what has come before; whether it is found.</summary>
    private static bool Repeat(ReadOnlySpan<byte> seen, ContentScan scan)
    {
        bool isFound = false;
        while (!seen.IsEmpty && !isFound)
        {
            Span<byte> free = scan.Free.Span;
            int count = Math.Min(free.Length, seen.Length);
            seen[..count].CopyTo(free);
            isFound = scan.Take(count);
            seen = seen[count..];
        }
        return isFound;
    }

    private async ValueTask<ProbeOutcome?> ReadPacketsAsync(PacketReader read)
    {
        Forget();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(PacketBytesMax);
        int length = 0;
        try
        {
            while (true)
            {
                PacketReply reply = read(buffer.AsSpan(0, length));
                if (reply.Failure is not null) return reply.Failure;
                if (!reply.Answer.IsEmpty && await SendAsync(reply.Answer) is { } unsent) return unsent;
                if (reply.IsDone) return null;
                if (reply.Taken > 0)
                {
                    buffer.AsSpan(reply.Taken, length - reply.Taken).CopyTo(buffer);
                    length -= reply.Taken;
                    continue;
                }
                if (length == PacketBytesMax)
                    return new(ProbeFailure.TooLarge, $"a packet of the answer exceeds {ByteText.Of(PacketBytesMax)}");
                int count = await ReceiveAsync(buffer.AsMemory(length, PacketBytesMax - length));
                if (count <= 0) return DescribeUnfinished(buffer.AsSpan(0, length));
                length += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The connection failed or ended before what the step waits for.</summary>
    private ProbeOutcome DescribeEnd(int seen) => connection.End == ProbeEnd.None
        ? AnswerFailures.Disconnected(connection.Error, connection.Phase, seen)
        : AnswerFailures.Describe(connection);

    private ProbeOutcome DescribeUnfinished(ReadOnlySpan<byte> seen)
    {
        ProbeOutcome end = DescribeEnd(seen.Length);
        return seen.IsEmpty ? end : end with { Text = $"{end.Text}: {ProbeText.Quote(seen)}" };
    }

    private ProbeOutcome DescribeMissing(ContentPattern pattern, ContentScan scan)
    {
        ProbeOutcome end = DescribeEnd(scan.Seen.Length);
        if (scan.Seen.IsEmpty) return end;
        string seen = $"the answer does not contain {Wording.Quote(pattern.Text)}: {ProbeText.Quote(scan.Seen)}";
        if (connection.End == ProbeEnd.None && connection.Error == SocketError.Success) return new(ProbeFailure.Content, seen);
        // A server that does not read all that it was sent resets behind a whole answer.
        return new(end.Failure == ProbeFailure.Disconnected ? ProbeFailure.Content : end.Failure, $"{end.Text}, {seen}");
    }
}
