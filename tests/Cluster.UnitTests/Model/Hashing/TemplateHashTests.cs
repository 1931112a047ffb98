using System.Reflection;
using Cluster.Model.Hashing;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Xunit;

namespace Cluster.UnitTests.Model.Hashing;

public sealed class TemplateHashTests
{
    private static readonly string[] NotInTheTemplate = ["Name", "Labels", "Mode", "Replicas", "Restart", "Placement"];

    [Fact]
    public void Depends_on_every_property_that_needs_a_new_container()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            RandomModel random = new(seed);
            ServiceSpec spec = random.Next<ServiceSpec>();
            foreach (PropertyInfo property in typeof(ServiceSpec).GetProperties().Where(p => p.SetMethod is not null))
            {
                bool same = TaskTemplates.IdOf(random.WithOther(spec, property)) == TaskTemplates.IdOf(spec);
                Assert.True(same == NotInTheTemplate.Contains(property.Name), property.Name);
            }

            AssertAllMatter(random, random.Next<ContainerSpec>(), container => spec with { Container = container });
            AssertAllMatter(random, random.Next<Mount>(), mount => spec with { Container = spec.Container with { Mounts = [mount] } });
            AssertAllMatter(random, random.Next<Ulimit>(), ulimit => spec with { Container = spec.Container with { Ulimits = [ulimit] } });
            AssertAllMatter(random, random.Next<DnsSpec>(), dns => spec with { Container = spec.Container with { Dns = dns } });
            AssertAllMatter(random, random.Next<ResourceRequirements>(), resources => spec with { Resources = resources });
            AssertAllMatter(random, random.Next<PortSpec>(), port => spec with { Ports = [port] });
            AssertAllMatter(random, random.Next<LogDriver>(), driver => spec with { LogDriver = driver });
        }
    }

    [Fact]
    public void Tells_neighbouring_lists_apart()
    {
        TemplateId IdOf(ContainerSpec container) => TaskTemplates.IdOf(new ServiceSpec { Name = "s", Container = container });
        ContainerSpec image = new() { Image = "i" };
        Assert.NotEqual(IdOf(image with { Command = ["a"] }), IdOf(image with { Args = ["a"] }));
        Assert.NotEqual(IdOf(image with { Args = ["a", "b"] }), IdOf(image with { Args = ["ab"] }));
    }

    /// <summary>Template ids are stored: other values for the same content would replace every container of every cluster.</summary>
    [Fact]
    public void Stays_as_it_is()
    {
        TaskTemplate template = TaskTemplates.From(Samples.Service.Spec);
        Assert.Equal("b6x1pmqogxshjaakt3galxru4", template.Id.ToString());
        Assert.True(TaskTemplates.IsConsistent(template));
        Assert.False(TaskTemplates.IsConsistent(template with { ForceUpdate = 99 }));
    }

    private static void AssertAllMatter<T>(RandomModel random, T part, Func<T, ServiceSpec> put) where T : class
    {
        foreach (PropertyInfo property in typeof(T).GetProperties().Where(p => p.SetMethod is not null))
            Assert.True(TaskTemplates.IdOf(put(random.WithOther(part, property))) != TaskTemplates.IdOf(put(part)), $"{typeof(T).Name}.{property.Name}");
    }
}
