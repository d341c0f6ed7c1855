using System.CommandLine;
using System.Text;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Headers;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Texts;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>header decode</c>: what a PROXY header says, or what is wrong with it. Used by the main thread.</summary>
internal static class HeaderDecodeCommand
{
    /// <summary>
    /// The most that is read of a file or of standard input: the longest header in hexadecimal with white space, and then some.
    /// </summary>
    private const int InputMax = 1 << 20;

    public static Command Build()
    {
        Option<string?> hex = new("--hex")
        {
            Description = "The bytes as hexadecimal digits; spaces and colons are ignored.", HelpName = "HEX",
        };
        Option<string?> file = new("--file")
        {
            Description = "The file that begins with the header, raw or as hexadecimal digits.", HelpName = "FILE",
        };
        Option<bool> json = new("--json") { Description = "Print a JSON object." };
        DocumentedCommand command = new(
            "decode",
            "Prints every field and TLV of a header; without --hex and --file it reads standard input, raw or as hexadecimal digits.",
            """
            fasttcpproxy header decode --hex "0d0a0d0a000d0a515549540a 21 11 000c c0000201 c6336401 04d2 0019"
            fasttcpproxy header decode --file captured.bin --json
            printf 'PROXY TCP4 192.0.2.1 198.51.100.1 1234 25\r\n' | fasttcpproxy header decode
            """)
        { hex, file, json };
        hex.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && HexText.TryParse(text, out string error) is null)
                result.AddError($"--hex: {error}");
        });
        OptionValues.RefuseEmpty(hex, "the bytes of a header");
        OptionValues.RefuseEmpty(file, "the path of a file");
        command.Validators.Add(result =>
        {
            if (result.GetValue(hex) is not null && result.GetValue(file) is not null)
                result.AddError("--hex and --file exclude each other");
        });
        command.SetAction(result => Decode(Read(result.GetValue(hex), result.GetValue(file)), result.GetValue(json)));
        return command;
    }

    private static int Decode(byte[]? bytes, bool json)
    {
        if (bytes is null) return ExitCodes.Failed;
        switch (ProxyHeaderDecoder.Decode(bytes, out ProxyHeader header, out ProxyDecodeError error))
        {
            case ProxyDecodeStatus.Invalid:
                Console.Error.WriteLine($"error: {error.ToText()}");
                return ExitCodes.Failed;
            case ProxyDecodeStatus.NeedMore:
                Console.Error.WriteLine(
                    $"error: the header is incomplete: {Counted.Of(bytes.Length, "byte")}, "
                    + $"expected at least {ProxyHeaderDecoder.GetMinLength(bytes)}");
                return ExitCodes.Failed;
        }
        int payload = bytes.Length - header.Length;
        if (json)
        {
            using Stream output = Console.OpenStandardOutput();
            HeaderJson.Write(output, header, payload);
            output.Write("\n"u8);
            return ExitCodes.Ok;
        }
        foreach (string line in HeaderText.Describe(header)) Console.WriteLine(line);
        if (payload > 0) Console.WriteLine($"payload      {Counted.Of(payload, "byte")} after the header");
        return ExitCodes.Ok;
    }

    /// <summary>The bytes; null when they could not be read, which it has said then.</summary>
    private static byte[]? Read(string? hex, string? file)
    {
        if (hex is not null) return HexText.TryParse(hex, out _);
        if (Directory.Exists(file))
        {
            Console.Error.WriteLine($"error: {OneLine.Escape(file)}: it is a directory, expected a file");
            return null;
        }
        try
        {
            using Stream input = file is null
                ? Console.OpenStandardInput()
                : new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            byte[] content = new byte[InputMax];
            int length = input.ReadAtLeast(content, InputMax, throwOnEndOfStream: false);
            // No header consists of hexadecimal digits and white space: version 1 begins with a P, and version 2 holds a NUL.
            return HexText.TryParse(Encoding.Latin1.GetString(content, 0, length), out _) ?? content[..length];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Console.Error.WriteLine($"error: {OneLine.Escape(file ?? "standard input")}: {OneLine.Escape(e.Message)}");
            return null;
        }
    }
}
