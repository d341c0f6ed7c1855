using System.Collections.Immutable;
using System.Globalization;

namespace FastTcpProxy.Daemon.Admin.Requests;

/// <summary>The query parameters of a request, read strictly: each is known to its route and appears once. Immutable, any thread.</summary>
internal sealed class RequestQuery
{
    private readonly ImmutableArray<(string Name, string Value)> _parameters;

    /// <param name="parameters">Decoded, as they came.</param>
    /// <param name="known">The names that the route takes.</param>
    /// <exception cref="Refusal">One is unknown, or there twice.</exception>
    public RequestQuery(ImmutableArray<(string Name, string Value)> parameters, ImmutableArray<string> known)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach ((string name, _) in parameters)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
                throw Refusal.BadRequest(
                    $"query parameter \"{name}\" is unknown here, expected {(known.IsEmpty ? "none" : string.Join(", ", known))}");
            if (!seen.Add(name)) throw Refusal.BadRequest($"query parameter \"{name}\" appears twice, expected once");
        }
        _parameters = parameters;
    }

    /// <summary>Null when it is absent.</summary>
    public string? Text(string name)
    {
        foreach ((string present, string value) in _parameters)
        {
            if (present == name) return value;
        }
        return null;
    }

    /// <summary>A whole number within bounds; null when it is absent.</summary>
    /// <exception cref="Refusal">It is no such number.</exception>
    public long? Number(string name, long min, long max)
    {
        if (Text(name) is not { } text) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= min && number <= max
            ? number
            : throw Refusal.BadRequest($"query parameter \"{name}\" is \"{text}\", expected a number from {min} to {max}");
    }

    /// <summary>False when it is absent.</summary>
    /// <exception cref="Refusal">It is neither "true" nor "false".</exception>
    public bool Flag(string name) => Text(name) switch
    {
        null or "false" => false,
        "true" => true,
        { } text => throw Refusal.BadRequest($"query parameter \"{name}\" is \"{text}\", expected true or false"),
    };
}
