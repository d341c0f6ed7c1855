using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Engine.Guards.Networks;

namespace FastTcpProxy.Control.Guards;

/// <summary>
/// Reads a list of networks: UTF-8 text with an address or a network in each line. A line may be empty, and what follows a <c>#</c> is a
/// comment. It is read in pieces and taken whole or not at all. A network that is in several lines counts once, as lists are often put
/// together from others. One list, one thread, but never a loop: it reads a disk.
/// </summary>
public sealed class NetworkListReader
{
    /// <summary>
    /// The largest list that is read, in bytes: 128 MiB, 64 for each of as many entries as a table may have. The longest network has 43
    /// characters.
    /// </summary>
    public const long BytesMax = 64L * NetworkTable.EntriesMax;

    /// <summary>The longest line, in bytes, with its comment.</summary>
    public const int LineBytesMax = 64 * 1024;

    /// <summary>Faults that are told; the others are counted.</summary>
    public const int FaultsMax = 20;

    private readonly List<Network> _networks = [];
    private readonly List<NetworkListFault> _faults = [];
    private long _faultCount;
    private int _lines;

    private NetworkListReader()
    {
    }

    /// <summary>Reads the file at this path.</summary>
    /// <inheritdoc cref="Read(Stream, NetworkAction, uint, uint, ushort)"/>
    public static NetworkList Read(string path, NetworkAction action, uint number, uint expires = NetworkEntry.Never,
        ushort service = NetworkEntry.AllServices)
    {
        ArgumentNullException.ThrowIfNull(path);
        using FileStream? file = RegularFile.TryOpen(path, BytesMax, out ValueFault fault);
        if (file is not null) return Read(file, action, number, expires, service);
        string expected = fault.Code switch
        {
            ConfigurationCodes.FileTooLarge => $", expected at most {BytesMax}",
            ConfigurationCodes.FileNotRegular => ", expected a file with one address or network a line, or a comment where there is none",
            _ => "",
        };
        return new NetworkList(default, 0, [new NetworkListFault(1, 1, fault.Why + expected)], 1);
    }

    /// <summary>Reads all of a stream.</summary>
    /// <param name="action">Of each entry.</param>
    /// <param name="number">Of each entry.</param>
    /// <param name="expires">Of each entry.</param>
    /// <param name="service">Of each entry.</param>
    public static NetworkList Read(Stream stream, NetworkAction action, uint number, uint expires = NetworkEntry.Never,
        ushort service = NetworkEntry.AllServices)
    {
        ArgumentNullException.ThrowIfNull(stream);
        NetworkListReader reader = new();
        try
        {
            reader.ReadLines(stream);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            reader.Fault(Math.Max(1, reader._lines), 1, RegularFile.Explain(failure).Why!);
        }
        return reader.Finish(action, number, expires, service);
    }

    private void ReadLines(Stream stream)
    {
        byte[] buffer = new byte[2 * LineBytesMax];
        int filled = 0;
        long total = 0;
        bool isFirst = true;
        while (true)
        {
            int count = stream.Read(buffer.AsSpan(filled));
            total += count;
            filled += count;
            if (total > BytesMax)
            {
                Fault(_lines + 1, 1, $"the list has more than {BytesMax} bytes");
                return;
            }
            ReadOnlySpan<byte> text = buffer.AsSpan(0, filled);
            if (isFirst && count > 0 && filled < Encoding.UTF8.Preamble.Length) continue;
            if (isFirst && (text.StartsWith(Encoding.Unicode.Preamble) || text.StartsWith(Encoding.BigEndianUnicode.Preamble)))
            {
                Fault(1, 1, "the list is in UTF-16, expected UTF-8");
                return;
            }
            if (isFirst && text.StartsWith(Encoding.UTF8.Preamble)) text = text[Encoding.UTF8.Preamble.Length..];
            isFirst = false;
            for (int end = text.IndexOf((byte)'\n'); end >= 0; end = text.IndexOf((byte)'\n'))
            {
                if (!TryReadLine(text[..end])) return;
                text = text[(end + 1)..];
            }
            if (count == 0 || text.Length > LineBytesMax)
            {
                if (text.Length > 0) TryReadLine(text);
                return;
            }
            // What is left begins the next piece.
            text.CopyTo(buffer);
            filled = text.Length;
        }
    }

    // False: what follows need not be read.
    private bool TryReadLine(ReadOnlySpan<byte> line)
    {
        int number = ++_lines;
        if (line.Length > LineBytesMax)
        {
            Fault(number, 1, $"the line has more than {LineBytesMax} bytes, expected one address or network a line");
            return false;
        }
        int comment = line.IndexOf((byte)'#');
        ReadOnlySpan<byte> content = (comment < 0 ? line : line[..comment]).TrimEnd(" \t\r"u8);
        int begin = content.IndexOfAnyExcept((byte)' ', (byte)'\t');
        if (begin < 0) return true;
        int end = content[begin..].IndexOfAny((byte)' ', (byte)'\t');
        if (end >= 0)
        {
            int next = begin + end + content[(begin + end)..].IndexOfAnyExcept((byte)' ', (byte)'\t');
            Fault(number, Column(line, next), "a line has one address or network only, expected \"#\" before a comment");
        }
        else if (!NetworkText.TryParse(content[begin..], out Network network, out string? why))
        {
            Fault(number, Column(line, begin), why);
        }
        else if (_networks.Count == NetworkTable.EntriesMax)
        {
            Fault(number, 1, $"the list has more than {Counted.Of(NetworkTable.EntriesMax, "network")}");
            return false;
        }
        else
        {
            _networks.Add(network);
        }
        return true;
    }

    private NetworkList Finish(NetworkAction action, uint number, uint expires, ushort service)
    {
        if (_faultCount > 0) return new NetworkList(default, 0, [.. _faults], _faultCount);
        Span<Network> networks = CollectionsMarshal.AsSpan(_networks);
        networks.Sort();
        NetworkEntry[] entries = new NetworkEntry[networks.Length];
        int count = 0;
        foreach (Network network in networks)
        {
            if (count > 0 && entries[count - 1].Network == network) continue;
            entries[count++] = new NetworkEntry(network, action, number, expires, service);
        }
        return new NetworkList(entries.AsMemory(0, count), entries.Length - count, [], 0);
    }

    private void Fault(int line, int column, string message)
    {
        _faultCount++;
        if (_faults.Count < FaultsMax) _faults.Add(new NetworkListFault(line, column, message));
    }

    // In characters: each has one byte that continues none.
    private static int Column(ReadOnlySpan<byte> line, int at)
    {
        int column = 1;
        foreach (byte b in line[..at])
        {
            if ((b & 0xC0) != 0x80) column++;
        }
        return column;
    }
}
