namespace FastTcpProxy.Control.Configuration;

/// <summary>The keys of an upstream. Immutable, any thread.</summary>
internal static class UpstreamDescription
{
    private static readonly Key<string> Name = Key<string>.WithComputedDefault("name", new NameKind(), () => "",
        "The upstream's name in logs and metrics, unique in its service. By default the text of its address.", "\"a\"");

    private static readonly Key<UpstreamAddress> Address = Key<UpstreamAddress>.Needed("address", new UpstreamAddressKind(),
        "An IP address or DNS name with a port, or unix:/path. All addresses of a name are tried in order.", "\"192.0.2.10:25\"");

    private static readonly Key<ModeSetting> Mode = Key<ModeSetting>.WithComputedDefault("mode", ModeKind.Kind, () => default,
        "How this upstream is told who the client is. By default as the service's mode says.", "\"raw\"");

    public static ObjectKind<UpstreamConfiguration> Kind { get; } = new([Name, Address, Mode, new LaterKey("healthCheck")], Make);

    /// <summary>The upstream with the mode of its service, if it names none. The place of the original is kept.</summary>
    public static UpstreamConfiguration Resolve(UpstreamConfiguration upstream, ModeSetting serviceMode, BindingContext context)
    {
        ConfigurationNode origin = context.Origin(upstream)!;
        if (origin.Find(Mode.Name) is not null)
            return upstream;
        UpstreamConfiguration resolved = upstream with { Mode = serviceMode };
        context.Remember(resolved, origin);
        return resolved;
    }

    private static UpstreamConfiguration Make(ObjectReader reader)
    {
        UpstreamAddress address = reader.Get(Address);
        string name = reader.Get(Name);
        return new UpstreamConfiguration
        {
            Name = name.Length == 0 && reader.Sound(Name) ? address.Text : name,
            Address = address,
            Mode = reader.Get(Mode),
        };
    }
}
