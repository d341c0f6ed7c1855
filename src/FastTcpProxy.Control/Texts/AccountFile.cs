using System.Globalization;

namespace FastTcpProxy.Control.Texts;

/// <summary>
/// The entries of a file like /etc/passwd (passwd(5)) or /etc/group (group(5)). Accounts that only a directory service knows are not found:
/// a query could take a network's time. Any thread but a loop, as it reads a disk.
/// </summary>
public static class AccountFile
{
    /// <summary>Lines that are read: more accounts than a machine has that keeps them in a file.</summary>
    private const int LinesMax = 100_000;

    /// <summary>The first entry that is wanted; null without one, or when the file cannot be read.</summary>
    public static (string Name, uint Id)? Find(string path, Func<string, uint, bool> isWanted)
    {
        ArgumentNullException.ThrowIfNull(isWanted);
        try
        {
            foreach (string line in File.ReadLines(path).Take(LinesMax))
            {
                if (line.Split(':') is [{ Length: > 0 } name, _, var number, ..]
                    && uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out uint id) && isWanted(name, id))
                    return (name, id);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without the file no account has a name.
        }
        return null;
    }
}
