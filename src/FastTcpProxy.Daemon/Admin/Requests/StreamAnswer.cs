using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FastTcpProxy.Daemon.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace FastTcpProxy.Daemon.Admin.Requests;

/// <summary>
/// Writes server-sent events (WHATWG HTML, section 9.2), each with its document as one line of data. What is added leaves with the next
/// flush, which waits for a reader within a bound. One task at a time; it lives as long as the request.
/// </summary>
/// <param name="context">Whose answer it is.</param>
/// <param name="stallTime">How long a reader may take nothing.</param>
internal sealed class StreamAnswer(HttpContext context, TimeSpan stallTime)
{
    private readonly ArrayBufferWriter<byte> _waiting = new(AdminLimits.PieceBytes);

    /// <summary>Bytes that wait for the next flush.</summary>
    public int Waiting => _waiting.WrittenCount;

    /// <summary>The head of the answer, and the time after which a reader connects again.</summary>
    public void Begin()
    {
        // Its own bound takes the place of the server's, which cannot tell a reader that has nothing to read from one that does not read.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate) rate.MinDataRate = null;
        context.Response.ContentType = StreamMessage.MediaType;
        context.Response.Headers.CacheControl = "no-store";
        Add(string.Create(CultureInfo.InvariantCulture, $"retry: {StreamMessage.Retry.TotalMilliseconds:0}\n\n"));
    }

    /// <summary>A comment, which readers leave alone.</summary>
    public void AddComment(string text) => Add($": {text}\n\n");

    /// <param name="kind">One of <see cref="StreamMessage"/>.</param>
    /// <param name="id">What a reader that connects again says it has last; null: as before.</param>
    public void Add<T>(string kind, string? id, T document, JsonTypeInfo<T> shape)
    {
        Add($"event: {kind}\n{(id is null ? "" : $"id: {id}\n")}data: ");
        // Without an end of line in it.
        _waiting.Write(JsonSerializer.SerializeToUtf8Bytes(document, shape));
        Add("\n\n");
    }

    /// <summary>Sends what was added.</summary>
    /// <returns>False: the reader took nothing for too long, and the connection is closed.</returns>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public async Task<bool> TryFlushAsync()
    {
        for (int at = 0; at < _waiting.WrittenCount; at += AdminLimits.PieceBytes)
        {
            ReadOnlyMemory<byte> piece = _waiting.WrittenMemory[at..Math.Min(at + AdminLimits.PieceBytes, _waiting.WrittenCount)];
            using CancellationTokenSource stall = new(stallTime);
            using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stall.Token);
            try
            {
                await context.Response.Body.WriteAsync(piece, both.Token);
            }
            catch (OperationCanceledException) when (stall.IsCancellationRequested)
            {
                context.Abort();
                return false;
            }
        }
        _waiting.ResetWrittenCount();
        return true;
    }

    private void Add(string text) => Encoding.UTF8.GetBytes(text, _waiting);
}
