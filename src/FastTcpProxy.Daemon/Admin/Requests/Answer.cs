using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FastTcpProxy.Daemon.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace FastTcpProxy.Daemon.Admin.Requests;

/// <summary>Writes answers, whole and with their length. Any thread; it keeps nothing.</summary>
internal static class Answer
{
    /// <param name="tag">The entity tag of what is answered, without quotes; null: it has none.</param>
    public static Task JsonAsync<T>(HttpContext context, T document, JsonTypeInfo<T> shape, int status = StatusCodes.Status200OK,
        string? tag = null)
    {
        SetTag(context, tag);
        return WriteAsync(context, status, "application/json", Serialize(document, shape));
    }

    /// <summary>A line of text.</summary>
    public static Task TextAsync(HttpContext context, string text, int status = StatusCodes.Status200OK) =>
        BytesAsync(context, Encoding.UTF8.GetBytes(text + '\n'), status);

    /// <summary>Text as it is, in UTF-8.</summary>
    /// <param name="tag">The entity tag of what is answered, without quotes; null: it has none.</param>
    /// <param name="type">Its media type.</param>
    public static Task BytesAsync(HttpContext context, byte[] text, int status = StatusCodes.Status200OK, string? tag = null,
        string type = "text/plain; charset=utf-8")
    {
        SetTag(context, tag);
        return WriteAsync(context, status, type, text);
    }

    /// <summary>An error as RFC 9457 has it.</summary>
    /// <param name="detail">What was wrong and what was expected. Clients show it.</param>
    /// <param name="current">The present state, where the caller had seen another; null: this is another error.</param>
    public static Task ProblemAsync(HttpContext context, int status, string detail, JsonElement? current = null)
    {
        // The unread rest of a body would count for the time of the next request.
        if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0)
            context.Response.Headers.Connection = "close";
        ProblemDocument problem = new("about:blank", ReasonPhrases.GetReasonPhrase(status), status, detail, current);
        return WriteAsync(context, status, "application/problem+json", Serialize(problem, DocumentContext.Default.ProblemDocument));
    }

    private static void SetTag(HttpContext context, string? tag)
    {
        if (tag is not null) context.Response.Headers.ETag = EntityTag.Quote(tag);
    }

    /// <summary>One line, so that it is readable in a shell.</summary>
    private static byte[] Serialize<T>(T document, JsonTypeInfo<T> shape) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(document, shape), (byte)'\n'];

    private static async Task WriteAsync(HttpContext context, int status, string type, byte[] body)
    {
        HttpResponse response = context.Response;
        response.StatusCode = status;
        response.ContentType = type;
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
        for (int at = 0; at < body.Length; at += AdminLimits.PieceBytes)
            await response.Body.WriteAsync(body.AsMemory(at, Math.Min(AdminLimits.PieceBytes, body.Length - at)), context.RequestAborted);
    }
}
