using System.Globalization;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Control.Guards;
using FastTcpProxy.Engine.Guards.Networks;

namespace FastTcpProxy.Control.Configuration.Keys;

/// <summary>
/// The keys of one of <c>guards.lists</c>, and the file that it names. Immutable, any thread but a loop: it reads a disk.
/// </summary>
internal static class NetworkListKeys
{
    private const string Expected = "a file of networks without a mistake; nothing of it is taken";

    private static readonly Key<string?> File = Key<string?>.Needed("file", new FilePathKind(),
        "The path of the file, absolute or from the configuration's folder.", "\"deny.txt\"");

    private static readonly Key<NetworkAction> Action = Key<NetworkAction>.WithDefault("action",
        new ChoiceKind<NetworkAction>(("deny", NetworkAction.Deny, "Clients of its networks are refused."),
            ("allow", NetworkAction.Allow, "Clients of its networks are served whatever else denies or limits them.")), NetworkAction.Deny,
        "What its networks are: denied, or allowed.", "\"allow\"");

    public static ObjectKind<ConfiguredNetworkList> Kind { get; } = new([File, Action], Make) { Lone = File };

    private static ConfiguredNetworkList Make(ObjectReader reader)
    {
        string path = reader.Get(File) ?? "";
        NetworkAction action = reader.Get(Action);
        if (!reader.Sound(File, Action) || reader.Context.FullPath(path) is not { } full) return new ConfiguredNetworkList(path, default);
        NetworkList list = NetworkListReader.Read(full, action, number: 0);
        foreach (NetworkListFault fault in list.Faults)
        {
            string where = string.Create(CultureInfo.InvariantCulture, $"line {fault.Line}, column {fault.Column}");
            reader.ReportFile(File, $"{where}: {fault.Message}", Expected);
        }
        if (list.FaultCount > list.Faults.Length)
            reader.ReportFile(File, $"{Counted.Of(list.FaultCount - list.Faults.Length, "further line")} with a mistake", Expected);
        return new ConfiguredNetworkList(path, list.Entries);
    }
}
