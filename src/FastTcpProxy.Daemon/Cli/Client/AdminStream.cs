using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli.Client;

/// <summary>
/// A stream of server-sent events from a running proxy. It trusts nothing that arrives: a message is bounded in size, and silence in time.
/// One task at a time; it owns the answer.
/// </summary>
internal sealed class AdminStream(HttpResponseMessage response, Stream body) : IDisposable
{
    /// <summary>Bytes between two messages: far more than the longest event.</summary>
    public const int MessageBytesMax = 1024 * 1024;

    /// <summary>How long nothing may come, no comment either.</summary>
    public static readonly TimeSpan SilenceMax = 3 * StreamMessage.KeepAlive;

    /// <summary>Messages until the stream ends.</summary>
    /// <exception cref="AdminClientException">The stream broke; the message says how.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async IAsyncEnumerable<SseItem<string>> ReadAsync([EnumeratorCancellation] CancellationToken stop)
    {
        using Bounded bounded = new(body);
        await using IAsyncEnumerator<SseItem<string>> messages = SseParser.Create(bounded).EnumerateAsync(stop).GetAsyncEnumerator(stop);
        while (await MoveAsync(messages, stop))
        {
            yield return messages.Current;
            bounded.Forget();
        }
    }

    public void Dispose() => response.Dispose();

    private static async Task<bool> MoveAsync(IAsyncEnumerator<SseItem<string>> messages, CancellationToken stop)
    {
        try
        {
            return await messages.MoveNextAsync();
        }
        catch (TimeoutException e)
        {
            throw new AdminClientException($"nothing came for {SilenceMax.TotalSeconds:0} s", e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException && !stop.IsCancellationRequested)
        {
            throw new AdminClientException("the connection broke", e);
        }
    }

    /// <summary>The body, within the bounds.</summary>
    private sealed class Bounded(Stream inner) : Stream
    {
        private int _bytes;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        /// <summary>A message is complete.</summary>
        public void Forget() => _bytes = 0;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await inner.ReadAsync(buffer, cancellationToken).AsTask().WaitAsync(SilenceMax, cancellationToken);
            _bytes += read;
            return _bytes <= MessageBytesMax
                ? read
                : throw new AdminClientException($"a message exceeds {MessageBytesMax >> 20} MiB; is this a fasttcpproxy?");
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
