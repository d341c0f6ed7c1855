using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;

namespace FastTcpProxy.Engine.Records;

/// <summary>
/// The ids of a process's sessions: <c>a3f09c21b7e4-1283</c>, 12 hexadecimal digits that are the process's own, and the session's number
/// (<see cref="SessionRecord.Id"/>). An id names one session among all processes: before and after a restart, and on both sides of a
/// take-over. Immutable, any thread.
/// </summary>
public sealed class SessionIds
{
    /// <summary>Bytes of an id, all ASCII: the process's digits, the hyphen, and any number that is not negative.</summary>
    public const int LengthMax = ProcessLength + 1 + 19;

    private const int ProcessLength = 12;
    private const long ProcessMask = (1L << (4 * ProcessLength)) - 1;

    private readonly byte[] _prefix = new byte[ProcessLength + 1];

    /// <param name="process">The lower 48 bits are the process's own.</param>
    public SessionIds(long process)
    {
        Process = (process & ProcessMask).ToString("x12", CultureInfo.InvariantCulture);
        System.Text.Encoding.ASCII.GetBytes(Process + "-", _prefix);
    }

    /// <summary>What every id of the process begins with, before the hyphen.</summary>
    public string Process { get; }

    /// <summary>For a new process. With 48 random bits, two of a million processes have the same ones in one of 500 cases.</summary>
    public static SessionIds Random()
    {
        Span<byte> bits = stackalloc byte[sizeof(long)];
        RandomNumberGenerator.Fill(bits);
        return new SessionIds(BitConverter.ToInt64(bits));
    }

    /// <summary>Writes the id of a session. Allocates nothing.</summary>
    /// <param name="number">The session's, not negative.</param>
    /// <param name="destination">At least <see cref="LengthMax"/> bytes.</param>
    /// <returns>The length.</returns>
    public int Write(long number, Span<byte> destination)
    {
        _prefix.CopyTo(destination);
        Utf8Formatter.TryFormat(number, destination[_prefix.Length..], out int digits);
        return _prefix.Length + digits;
    }

    /// <summary>The id of a session as text.</summary>
    public string ToText(long number)
    {
        Span<byte> text = stackalloc byte[LengthMax];
        return System.Text.Encoding.ASCII.GetString(text[..Write(number, text)]);
    }

    /// <summary>The number of a session of this process, from its id or from the number alone.</summary>
    /// <returns>False: it is no id, or that of a session of another process.</returns>
    public bool TryRead(ReadOnlySpan<char> text, out long number)
    {
        if (IsId(text))
        {
            if (!text.StartsWith(Process)) text = default;
            else text = text[(ProcessLength + 1)..];
        }
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Whether the text has the form of an id, of whatever process, or of a session's number.</summary>
    public static bool IsIdOrNumber(ReadOnlySpan<char> text) =>
        long.TryParse(IsId(text) ? text[(ProcessLength + 1)..] : text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static bool IsId(ReadOnlySpan<char> text) =>
        text.Length > ProcessLength && text[ProcessLength] == '-' && !text[..ProcessLength].ContainsAnyExcept("0123456789abcdef");
}
