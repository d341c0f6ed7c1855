using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Guards;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Engine.Guards.Networks;

namespace FastTcpProxy.Control.Entries;

/// <summary>What a list to import has: its entries, or why none of it can be taken. Immutable.</summary>
/// <param name="Wishes">In the order of the list; empty when there is a fault.</param>
/// <param name="Faults">The first ones by line.</param>
/// <param name="FaultCount">How many there are.</param>
public sealed record EntryImport(IReadOnlyList<EntryWish> Wishes, ImmutableArray<NetworkListFault> Faults, long FaultCount)
{
    /// <summary>A list of networks, one a line; a comment begins with a number sign.</summary>
    /// <param name="text">In UTF-8.</param>
    /// <param name="common">What each entry has beside its network.</param>
    public static EntryImport OfText(Stream text, EntryWish common)
    {
        NetworkList list = NetworkListReader.Read(text, common.Key.Action, 0);
        return new EntryImport([.. list.Entries.ToArray().Select(e => common with { Key = common.Key with { Network = e.Network } })],
            list.Faults, list.FaultCount);
    }

    /// <summary>One JSON object a line, with the keys of a single entry: network, and what differs from the common.</summary>
    /// <param name="text">In UTF-8.</param>
    /// <param name="common">What an entry has that does not say otherwise.</param>
    /// <param name="now">The wall clock.</param>
    public static EntryImport OfJson(ReadOnlyMemory<byte> text, EntryWish common, DateTimeOffset now)
    {
        List<EntryWish> wishes = [];
        List<NetworkListFault> faults = [];
        long count = 0;
        for (int number = 1; !text.IsEmpty; number++)
        {
            int end = text.Span.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = (end < 0 ? text : text[..end]).Span.Trim(" \t\r"u8);
            text = end < 0 ? default : text[(end + 1)..];
            if (line.IsEmpty) continue;
            string? why = wishes.Count == EntryLimits.EntriesMax
                ? $"the list has more than {Counted.Of(EntryLimits.EntriesMax, "entry", "entries")}"
                : Read(line, common, now, out EntryWish wish) is { } wrong ? wrong : Add(wishes, wish);
            if (why is null) continue;
            count++;
            if (faults.Count < NetworkListReader.FaultsMax) faults.Add(new NetworkListFault(number, 1, why));
            if (wishes.Count == EntryLimits.EntriesMax) break;
        }
        return new EntryImport(count > 0 ? [] : wishes, [.. faults], count);
    }

    private static string? Add(List<EntryWish> wishes, EntryWish wish)
    {
        wishes.Add(wish);
        return null;
    }

    private static string? Read(ReadOnlySpan<byte> line, EntryWish common, DateTimeOffset now, out EntryWish wish)
    {
        wish = common;
        ImportLine? document;
        try
        {
            document = JsonSerializer.Deserialize(line, ImportContext.Default.ImportLine);
        }
        catch (JsonException e)
        {
            return $"this is no entry: {OneLine.Escape(e.Message)}";
        }
        if (document is null) return "this is null, expected an object";
        if (!NetworkText.TryParse(Encoding.UTF8.GetBytes(document.Network), out Network network, out string? wrong))
            return $"key \"network\" is {wrong}";
        NetworkAction action = common.Key.Action;
        if (document.Action is { } word && !TryReadAction(word, out action))
            return $"key \"action\" is {Wording.Quote(word)}, expected deny or allow";
        DateTimeOffset? expires = common.Expires;
        if (document is { For: not null, Expires: not null }) return "it has both \"for\" and \"expires\", expected one";
        if ((document.For ?? document.Expires) is not null
            && ReadEnd(document.For, document.Expires, now, out expires) is { } notTaken)
            return notTaken;
        string reason = document.Reason ?? common.Reason;
        wish = new EntryWish(new EntryKey(network, action, document.Service ?? common.Key.Service), expires, reason);
        return EntryRules.CheckTexts(reason, "");
    }

    /// <summary>False: it is neither "deny" nor "allow".</summary>
    public static bool TryReadAction(string word, out NetworkAction action)
    {
        action = word == "allow" ? NetworkAction.Allow : NetworkAction.Deny;
        return word is "allow" or "deny";
    }

    /// <summary>The end of an entry, from how long it is to hold or from when it ends; null where neither is given.</summary>
    /// <param name="time">Such as 1h.</param>
    /// <param name="moment">RFC 3339, such as 2026-12-31T23:59:59Z.</param>
    /// <returns>What is wrong; null: nothing.</returns>
    public static string? ReadEnd(string? time, string? moment, DateTimeOffset now, out DateTimeOffset? expires)
    {
        expires = null;
        if (time is not null)
        {
            if (ValueText.ReadDuration(time, EntryLimits.ForMin, EntryLimits.ForMax, out TimeSpan read) is { } wrong)
                return $"key \"for\" is {wrong}";
            expires = now + read;
        }
        if (moment is null) return null;
        if (time is not null) return "there are both \"for\" and \"expires\", expected one";
        if (!DateTimeOffset.TryParseExact(moment, ["yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture,
            DateTimeStyles.None, out DateTimeOffset end) || !(moment.EndsWith('Z') || moment[^6] is '+' or '-'))
            return $"key \"expires\" is {Wording.Quote(moment)}, expected a time with its zone, such as 2026-12-31T23:59:59Z (RFC 3339)";
        expires = end.ToUniversalTime();
        return EntryRules.CheckExpires(expires, now) is { } past ? $"key \"expires\": {past}" : null;
    }
}

/// <summary>A line of a list in JSON. Immutable.</summary>
internal sealed record ImportLine(string Network)
{
    public string? Action { get; init; }

    public string? Service { get; init; }

    public string? For { get; init; }

    public string? Expires { get; init; }

    public string? Reason { get; init; }
}

/// <summary>How it is read. Generated, without reflection. Immutable, any thread.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ImportLine))]
internal sealed partial class ImportContext : JsonSerializerContext;
