using System.Collections.Immutable;

namespace FastTcpProxy.Daemon.Admin.Requests;

/// <summary>
/// The target of a request, parsed by our own code: the server's own path has its dots resolved and leaves "%2F" as it is, so a name with a
/// slash could not be told from one with these three characters. Immutable, any thread.
/// </summary>
/// <param name="Segments">Of the path, each decoded once; one empty segment for "/".</param>
/// <param name="Query">Decoded, in order: a name may appear twice.</param>
internal sealed record RequestTarget(ImmutableArray<string> Segments, ImmutableArray<(string Name, string Value)> Query)
{
    /// <summary>Takes it apart; no byte of it is believed.</summary>
    /// <param name="raw">As the request line has it.</param>
    /// <exception cref="Refusal">It is malformed.</exception>
    public static RequestTarget Parse(string raw)
    {
        ReadOnlySpan<char> target = WithoutAuthority(raw);
        int question = target.IndexOf('?');
        ReadOnlySpan<char> path = question < 0 ? target : target[..question];
        // "*" and a CONNECT's authority are no paths.
        ImmutableArray<string> segments = path.StartsWith("/") ? ParsePath(path[1..]) : [];
        return new RequestTarget(segments, question < 0 ? [] : ParseQuery(target[(question + 1)..]));
    }

    /// <summary>
    /// A proxy's form of the target; the server has compared its authority with the Host by now (RFC 9112, section 3.2.2).
    /// </summary>
    private static ReadOnlySpan<char> WithoutAuthority(string raw)
    {
        int scheme = raw.StartsWith('/') ? -1 : raw.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0) return raw;
        ReadOnlySpan<char> rest = raw.AsSpan(scheme + 3);
        int slash = rest.IndexOfAny('/', '?');
        return slash < 0 ? "/" : rest[slash..];
    }

    private static ImmutableArray<string> ParsePath(ReadOnlySpan<char> path)
    {
        ImmutableArray<string>.Builder segments = ImmutableArray.CreateBuilder<string>();
        foreach (Range range in path.Split('/'))
        {
            if (!PercentText.TryDecode(path[range], out string? segment))
                throw Refusal.BadRequest(
                    $"segment {segments.Count + 1} of the path is malformed, expected characters percent-encoded as UTF-8, without %00");
            segments.Add(segment);
        }
        return segments.ToImmutable();
    }

    private static ImmutableArray<(string Name, string Value)> ParseQuery(ReadOnlySpan<char> query)
    {
        ImmutableArray<(string, string)>.Builder parameters = ImmutableArray.CreateBuilder<(string, string)>();
        foreach (Range range in query.Split('&'))
        {
            ReadOnlySpan<char> parameter = query[range];
            int equals = parameter.IndexOf('=');
            // "?" alone is an empty query, and a form leaves "&" at its end.
            if (parameter.IsEmpty) continue;
            if (equals <= 0 || !PercentText.TryDecode(parameter[..equals], out string? name)
                || !PercentText.TryDecode(parameter[(equals + 1)..], out string? value))
                throw Refusal.BadRequest(
                    $"query parameter \"{parameter}\" is malformed, expected name=value, characters percent-encoded as UTF-8, without %00");
            parameters.Add((name, value));
        }
        return parameters.ToImmutable();
    }
}
