using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace FastTcpProxy.Daemon.Admin.Requests;

/// <summary>
/// The state that a change was made for (If-Match, RFC 9110, section 13.1.1): with it two operators cannot overwrite each other unseen.
/// Tags are strong, so a weak one in the list matches nothing. Immutable, any thread.
/// </summary>
internal sealed class EntityTag
{
    /// <summary>Null: whatever there is ("*").</summary>
    private readonly ImmutableArray<string>? _tags;

    private EntityTag(ImmutableArray<string>? tags) => _tags = tags;

    /// <summary>Reads what the request must have.</summary>
    /// <exception cref="Refusal">428: there is no If-Match. 400: it is malformed.</exception>
    public static EntityTag Required(HttpContext context)
    {
        IList<string?> lines = context.Request.Headers.IfMatch;
        if (lines.Count == 0)
        {
            throw new Refusal(StatusCodes.Status428PreconditionRequired,
                "a change needs an If-Match with the ETag of what it replaces, or with * for any state");
        }
        if (lines is ["*"]) return new EntityTag(null);
        // Strict: the lenient reader passes over what it does not understand.
        if (!EntityTagHeaderValue.TryParseStrictList([.. lines.Select(l => l ?? "")], out IList<EntityTagHeaderValue>? tags)
            || tags.Any(t => t.Tag == "*"))
            throw Refusal.BadRequest("If-Match is malformed, expected tags in double quotes with commas between them, or * alone");
        return new EntityTag([.. tags.Where(t => !t.IsWeak).Select(t => t.Tag.Value![1..^1])]);
    }

    /// <summary>Whether the change may be made to a thing whose tag is <paramref name="current"/>.</summary>
    /// <param name="current">Without quotes.</param>
    public bool Matches(string current) => _tags is not { } tags || tags.Contains(current, StringComparer.Ordinal);

    /// <summary>As a header field has it.</summary>
    public static string Quote(string tag) => $"\"{tag}\"";
}
