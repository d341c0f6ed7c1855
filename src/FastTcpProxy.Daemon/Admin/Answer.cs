using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FastTcpProxy.Daemon.Admin.Documents;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace FastTcpProxy.Daemon.Admin;

/// <summary>Writes answers, whole and with their length. Any thread; it keeps nothing.</summary>
internal static class Answer
{
    public static Task JsonAsync<T>(HttpContext context, T document, JsonTypeInfo<T> shape) =>
        WriteAsync(context, StatusCodes.Status200OK, "application/json", Serialize(document, shape));

    public static Task TextAsync(HttpContext context, string text) =>
        WriteAsync(context, StatusCodes.Status200OK, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text + '\n'));

    /// <summary>An error as RFC 9457 has it.</summary>
    /// <param name="detail">What was wrong and what was expected. Clients show it.</param>
    public static Task ProblemAsync(HttpContext context, int status, string detail)
    {
        // What is left of a body that nobody reads would be taken for the next request's time.
        if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0) context.Response.Headers.Connection = "close";
        ProblemDocument problem = new("about:blank", ReasonPhrases.GetReasonPhrase(status), status, detail);
        return WriteAsync(context, status, "application/problem+json", Serialize(problem, DocumentContext.Default.ProblemDocument));
    }

    /// <summary>One line, so that it is readable in a shell.</summary>
    private static byte[] Serialize<T>(T document, JsonTypeInfo<T> shape) => [.. JsonSerializer.SerializeToUtf8Bytes(document, shape), (byte)'\n'];

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
