using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FastTcpProxy.Daemon.Cli.Client;

/// <summary>The answer of a running proxy. Nothing in it is trusted yet. Immutable.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Body">The whole of it, at most <see cref="AdminClient.AnswerBytesMax"/>.</param>
/// <param name="Tag">The entity tag with its quotes; null: there is none.</param>
internal sealed record AdminAnswer(int Status, byte[] Body, string? Tag)
{
    /// <summary>As whom the proxy knows this process, where the answer says so; null: it does not.</summary>
    public string? Caller { get; init; }

    /// <summary>The document that was asked for.</summary>
    /// <param name="what">What it should be, for the error: "status".</param>
    /// <exception cref="AdminClientException">It is none.</exception>
    public T Read<T>(JsonTypeInfo<T> shape, string what)
        where T : class => ReadOrNull(shape, what) ?? throw NotThat(what, null);

    /// <summary>The same where JSON's null is an answer too.</summary>
    /// <exception cref="AdminClientException">It is none.</exception>
    public T? ReadOrNull<T>(JsonTypeInfo<T> shape, string what)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(Body, shape);
        }
        catch (JsonException e)
        {
            throw NotThat(what, e);
        }
    }

    private static AdminClientException NotThat(string what, Exception? inner) =>
        new($"cannot read the {what}; is this a fasttcpproxy of this version?", inner);
}
