using System.CommandLine;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Headers;
using FastTcpProxy.Daemon.Host;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>header encode</c>: a PROXY header from its fields. Used by the main thread.</summary>
internal static class HeaderEncodeCommand
{
    public static Command Build()
    {
        Option<int?> version = new("--version")
        {
            Description = "1 (text) or 2 (binary).",
            HelpName = "1|2",
            DefaultValueFactory = _ => 2,
            CustomParser = OptionValues.WholeNumber(1, 2),
        };
        Option<string?> source = Text("--source", "ADDRESS",
            "The client: IP:port, [IPv6]:port or unix:/path. Without it the header names no client.");
        Option<string?> destination = Text("--destination", "ADDRESS", "The address that the client connected to, in the same form.");
        Option<bool> local = new("--local") { Description = "LOCAL in place of PROXY: the sender connects on its own behalf (version 2)." };
        Option<bool> datagram = new("--udp") { Description = "The transport is UDP, or UNIX datagrams (version 2)." };
        Option<string[]> tlvs = new("--tlv")
        {
            Description = "A TLV, by name (alpn, authority, unique-id, netns, ...) or number; the value is text, or hex:DIGITS.",
            HelpName = "TYPE=VALUE",
        };
        Option<bool> crc = new("--crc32c") { Description = "Add the checksum (version 2)." };
        Option<string?> format = Text("--format", "hex|raw", "hex, or raw bytes; by default hex for version 2 and raw for version 1.");
        Option<string?> output = Text("--output", "FILE", "The file to write; by default standard output.");
        OptionValues.Restrict(format, "hex", "raw");
        OptionValues.RefuseEmpty(output, "the path of a file");
        DocumentedCommand command = new(
            "encode",
            "Builds a header from its fields and prints it.",
            """
            fasttcpproxy header encode --version 1 --source 192.0.2.1:1234 --destination 198.51.100.1:25
            fasttcpproxy header encode --source 192.0.2.1:1234 --destination 198.51.100.1:25 --tlv authority=mail.example --crc32c
            fasttcpproxy header encode --local --format raw --output local.bin
            fasttcpproxy header encode --source [2001:db8::1]:1 --destination [2001:db8::2]:2 --tlv 0xEA=hex:01aabb --format raw | nc 192.0.2.9 25
            """)
        { version, source, destination, local, datagram, tlvs, crc, format, output };
        command.SetAction(result =>
        {
            HeaderRequest request = new(result.GetValue(version) ?? 2, result.GetValue(source), result.GetValue(destination),
                result.GetValue(local), result.GetValue(datagram), result.GetValue(tlvs) ?? [], result.GetValue(crc));
            if (HeaderBuilder.Build(request, out string error) is { } bytes)
                return Print(bytes, result.GetValue(format) ?? (request.Version == 1 ? "raw" : "hex"), result.GetValue(output));
            Console.Error.WriteLine($"error: {OneLine.Escape(error)}");
            return ExitCodes.Usage;
        });
        return command;
    }

    private static Option<string?> Text(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value };

    private static int Print(byte[] bytes, string format, string? file)
    {
        byte[] content = format == "raw" ? bytes : System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes) + "\n");
        if (Directory.Exists(file))
        {
            Console.Error.WriteLine($"error: {OneLine.Escape(file)}: it is a directory, expected a file");
            return ExitCodes.Failed;
        }
        try
        {
            using Stream output = file is null ? Console.OpenStandardOutput() : File.Create(file);
            output.Write(content);
            return ExitCodes.Ok;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Console.Error.WriteLine($"error: {OneLine.Escape(file ?? "standard output")}: {OneLine.Escape(e.Message)}");
            return ExitCodes.Failed;
        }
    }
}
