using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Entries;

/// <summary>The rules for entries, and the messages for a wrong one. Pure, any thread.</summary>
public static class EntryRules
{
    /// <summary>What is wrong with its texts; null: nothing.</summary>
    public static string? CheckTexts(string reason, string author)
    {
        ArgumentNullException.ThrowIfNull(reason);
        ArgumentNullException.ThrowIfNull(author);
        if (reason.Length > EntryLimits.ReasonCharsMax)
            return $"the reason has {Counted.Of(reason.Length, "character")}, expected at most {EntryLimits.ReasonCharsMax}";
        if (author.Length > EntryLimits.AuthorCharsMax)
            return $"the author has {Counted.Of(author.Length, "character")}, expected at most {EntryLimits.AuthorCharsMax}";
        // They end up in logs and on terminals.
        if (reason.Any(char.IsControl))
            return $"the reason {Wording.Quote(reason)} contains a control character, expected plain text on one line";
        return author.Any(char.IsControl) ? $"the author {Wording.Quote(author)} contains a control character, expected a name" : null;
    }

    /// <summary>What is wrong with its end; null: nothing.</summary>
    public static string? CheckExpires(DateTimeOffset? expires, DateTimeOffset now)
    {
        if (expires is not { } end) return null;
        if (end <= now) return $"{end:yyyy-MM-ddTHH:mm:ssZ} is in the past, expected a time after {now:yyyy-MM-ddTHH:mm:ssZ}";
        return end - now > EntryLimits.ForMax
            ? $"{end:yyyy-MM-ddTHH:mm:ssZ} is more than {ValueText.WriteDuration(EntryLimits.ForMax)} away; "
                + "leave it out if the entry is to stay"
            : null;
    }
}
